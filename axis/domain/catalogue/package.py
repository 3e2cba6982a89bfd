"""Words about the bytes of a package: what refuses it, and what is told about it."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy


def _mend(vi: str, en: str, do_vi: str, do_en: str) -> Entry:
    return Entry(Remedy.MEND, vi, en, do_vi, do_en)


_SHRINK = (
    "Hãy kiểm tra chương trình tạo gói tin; gói tin hợp lệ không bao giờ chạm tới giới hạn này.",
    "Check the program that makes the package; a proper one never comes near this limit.",
)
_SPLIT = ("Hãy chia nhỏ tệp đính kèm rồi gửi lại.", "Split the attachments and send again.")
_FIX = ("Hãy sửa gói tin rồi gửi lại.", "Mend the package and send it again.")
_TOLD = (
    "Gói tin vẫn được nhận vì không có chữ ký; hãy sửa chương trình tạo gói tin trước khi ký số.",
    "It was accepted because it is not signed; mend the program that makes it before signing.",
)

_FORM = {
    "package.empty": _mend(
        "Gói tin rỗng.",
        "The package is empty.",
        "Hãy kiểm tra tệp nguồn rồi gửi lại.",
        "Check the source file and send again.",
    ),
    "package.too-large": _mend(
        "Gói tin lớn hơn giới hạn {limit} byte.",
        "The package is larger than the limit of {limit} bytes.",
        *_SPLIT,
    ),
    "package.not-well-formed": _mend(
        "Gói tin không phải XML đúng cú pháp, hoặc bị cắt cụt (dòng {line}, cột {column}: {reason}).",
        "The package is not well-formed XML, or was cut off (line {line}, column {column}: {reason}).",
        *_FIX,
    ),
    "package.doctype": _mend(
        "Gói tin có khai báo DOCTYPE (dòng {line}); trục không nhận vì lý do an toàn.",
        "The package holds a DOCTYPE (line {line}), which the axis refuses for safety.",
        "Hãy bỏ khai báo DOCTYPE rồi gửi lại.",
        "Remove the DOCTYPE and send again.",
    ),
    "package.encoding": _mend(
        "Bảng mã {encoding} không được hỗ trợ, hoặc gói tin không đúng với bảng mã đã khai.",
        "The encoding {encoding} is not supported, or the package does not keep to it.",
        "Hãy lưu gói tin bằng UTF-8 rồi gửi lại.",
        "Save the package in UTF-8 and send again.",
    ),
    "package.bad-name": _mend(
        "Tên “{name}” (dòng {line}) có dấu hai chấm sai chỗ.",
        "The name “{name}” (line {line}) has a colon in the wrong place.",
        *_FIX,
    ),
    "package.attribute-twice": _mend(
        "Phần tử {name} (dòng {line}) có hai thuộc tính cùng tên.",
        "The element {name} (line {line}) has the same attribute twice.",
        *_FIX,
    ),
    "package.element-in-value": _mend(
        "Có phần tử con nằm trong một giá trị, tại {path} (dòng {line}), nên không rõ giá trị là gì.",
        "An element stands inside a value, at {path} (line {line}), so it is unclear what the value is.",
        *_FIX,
    ),
    "package.ambiguous": _mend(
        "Phần tử {name} xuất hiện hai lần, tại {path} (dòng {line}), nên không rõ gói tin là gì và của ai.",
        "The element {name} stands there twice, at {path} (line {line}), so it is unclear what the package "
        "is and whose.",
        "Hãy giữ lại đúng một phần tử {name} rồi gửi lại.",
        "Keep exactly one {name} and send again.",
    ),
    "package.control-character": _mend(
        "Mã tại {path} (dòng {line}) chứa ký tự điều khiển hoặc ký tự vô hình.",
        "The identifier at {path} (line {line}) holds a control or invisible character.",
        "Hãy gõ lại mã này rồi gửi lại.",
        "Type the identifier anew and send again.",
    ),
    "package.document-id-length": _mend(
        "DocumentId dài hơn {limit} ký tự.", "The DocumentId is longer than {limit} characters.", *_FIX
    ),
}

_LIMITS = {
    "package.header-size": _mend(
        "Phần edXMLHeader lớn hơn giới hạn {limit} byte, hoặc không kết thúc.",
        "The edXMLHeader is larger than the limit of {limit} bytes, or does not end.",
        *_SHRINK,
    ),
    "package.metadata": _mend(
        "Phần mô tả tệp đính kèm dài hơn giới hạn {limit} ký tự.",
        "What describes the attachments is longer than the limit of {limit} characters.",
        *_SHRINK,
    ),
    "package.token": _mend(
        "Có một thẻ hoặc chú thích dài hơn giới hạn {limit} byte (dòng {line}).",
        "A tag or comment is longer than the limit of {limit} bytes (line {line}).",
        *_SHRINK,
    ),
    "package.elements": _mend(
        "Gói tin có nhiều hơn {limit} phần tử.", "The package holds more than {limit} elements.", *_SHRINK
    ),
    "package.depth": _mend(
        "Các phần tử lồng nhau quá {limit} cấp.",
        "Elements are nested more than {limit} levels deep.",
        *_SHRINK,
    ),
    "package.attributes": _mend(
        "Một phần tử có nhiều hơn {limit} thuộc tính.",
        "An element has more than {limit} attributes.",
        *_SHRINK,
    ),
    "package.attribute-value": _mend(
        "Một thuộc tính dài hơn {limit} ký tự.", "An attribute is longer than {limit} characters.", *_SHRINK
    ),
    "package.namespaces": _mend(
        "Các khai báo không gian tên (xmlns) của gói tin dài quá giới hạn {limit} ký tự.",
        "The package's namespace declarations (xmlns) are longer than the limit of {limit} characters.",
        *_SHRINK,
    ),
    "package.name": _mend(
        "Một tên phần tử hoặc thuộc tính dài hơn {limit} ký tự.",
        "The name of an element or attribute is longer than {limit} characters.",
        *_SHRINK,
    ),
    "package.attachments": _mend(
        "Gói tin có nhiều hơn {limit} tệp đính kèm.",
        "The package holds more than {limit} attachments.",
        *_SPLIT,
    ),
}

_CONTENT = {
    "package.no-header": _mend(
        "Không thấy edXMLEnvelope/edXMLHeader/MessageHeader: đây không phải gói tin edXML.",
        "There is no edXMLEnvelope/edXMLHeader/MessageHeader: this is not an edXML package.",
        "Hãy gửi gói tin edXML theo QCVN 102:2016.",
        "Send an edXML package as in QCVN 102:2016.",
    ),
    "package.no-sender": _mend(
        "Gói tin không ghi mã đơn vị gửi (From/OrganId).",
        "The package does not name its sender (From/OrganId).",
        *_FIX,
    ),
    "package.no-receiver": _mend(
        "Gói tin không ghi mã đơn vị nhận nào (To/OrganId).",
        "The package names no receiver (To/OrganId).",
        *_FIX,
    ),
    "package.no-response-for": _mend(
        "Gói trạng thái không ghi trả lời cho văn bản nào (ResponseFor).",
        "The status package does not say which document it is about (ResponseFor).",
        *_FIX,
    ),
    "package.dialect-lgsp": _mend(
        "Gói tin dùng định dạng edXML của nền tảng LGSP tỉnh ({namespace}), trục chưa đọc được.",
        "The package is in the edXML dialect of provincial LGSPs ({namespace}), which is not read here.",
        "Hãy gửi gói tin theo QCVN 102:2016, không gian tên http://www.mic.gov.vn/TBT/QCVN_102_2016.",
        "Send a package as in QCVN 102:2016, namespace http://www.mic.gov.vn/TBT/QCVN_102_2016.",
    ),
    "package.dialect-soap": _mend(
        "Gói tin dùng định dạng cũ của hệ thống SOAP ({namespace}), trục không nhận.",
        "The package is in the old format of SOAP systems ({namespace}), which the axis does not take.",
        "Hãy gửi gói tin theo QCVN 102:2016, không gian tên http://www.mic.gov.vn/TBT/QCVN_102_2016.",
        "Send a package as in QCVN 102:2016, namespace http://www.mic.gov.vn/TBT/QCVN_102_2016.",
    ),
}

_FINDINGS = {
    "package.repaired-stray-text": _mend(
        "Trước khai báo XML có chữ lạ, đã được bỏ qua khi đọc.",
        "Stray text before the XML declaration was skipped.",
        *_TOLD,
    ),
    "package.repaired-leading-space": _mend(
        "Trước khai báo XML có khoảng trắng, đã được bỏ qua khi đọc.",
        "White space before the XML declaration was skipped.",
        *_TOLD,
    ),
    "package.repaired-utf-16": _mend(
        "Gói tin dùng UTF-16 thay vì UTF-8.", "The package is in UTF-16 instead of UTF-8.", *_TOLD
    ),
    "package.repaired-xml-version": _mend(
        "Gói tin khai phiên bản XML khác 1.0.", "The package declares an XML version other than 1.0.", *_TOLD
    ),
    "package.repaired-prefix": _mend(
        "Tiền tố không gian tên chưa được khai báo (tại {path}).",
        "A namespace prefix is not declared (at {path}).",
        *_TOLD,
    ),
    "package.repaired-namespace": _mend(
        "Phần tử không thuộc không gian tên của QCVN 102:2016 (tại {path}).",
        "An element is not in the namespace of QCVN 102:2016 (at {path}).",
        *_TOLD,
    ),
    "package.repaired-root": _mend(
        "Phần tử gốc không phải edXML mà là {path}.", "The root element is not edXML but {path}.", *_TOLD
    ),
    "package.comment-in-value": _mend(
        "Có chú thích XML nằm giữa giá trị {path}; các phần được nối lại.",
        "A comment stands inside the value {path}; its parts were joined.",
        *_TOLD,
    ),
    "package.instruction-in-value": _mend(
        "Có chỉ thị xử lý XML nằm giữa giá trị {path}; các phần được nối lại.",
        "An XML instruction stands inside the value {path}; its parts were joined.",
        *_TOLD,
    ),
    "package.repeated": _mend(
        "Phần tử {name} xuất hiện hai lần; trục dùng phần tử sau.",
        "The element {name} stands there twice; the later one is used.",
        *_TOLD,
    ),
    "package.repeated-id": _mend(
        "Hai phần tử có cùng thuộc tính Id, hoặc có quá nhiều Id.",
        "Two elements have the same Id attribute, or there are too many.",
        *_TOLD,
    ),
    "package.wrapped": _mend(
        "Phần tử tại {path} nằm sai chỗ nên không được đọc.",
        "The element at {path} stands in the wrong place and is not read.",
        *_TOLD,
    ),
    "package.order": _mend(
        "Phần thân hoặc tệp đính kèm đứng trước edXMLHeader.",
        "The body or the attachments stand before the edXMLHeader.",
        *_TOLD,
    ),
    "package.stylesheet": _mend(
        "Gói tin có chỉ thị xml-stylesheet, đã bỏ qua.",
        "The package holds an xml-stylesheet instruction, which was ignored.",
        *_TOLD,
    ),
    "package.stray-signature-part": _mend(
        "Có một phần của chữ ký số nằm ngoài chữ ký, tại {path}.",
        "A part of a digital signature stands outside of one, at {path}.",
        *_TOLD,
    ),
    "package.namespace-declaration": _mend(
        "Khai báo không gian tên sai quy tắc tại {path}.",
        "A namespace declaration breaks the rules at {path}.",
        *_TOLD,
    ),
    "package.namespace-relative": _mend(
        "Không gian tên tại {path} không phải địa chỉ tuyệt đối.",
        "The namespace at {path} is not an absolute address.",
        *_TOLD,
    ),
    "package.date": _mend(
        "Không hiểu được ngày “{value}”; giá trị được giữ nguyên dạng chữ.",
        "The date “{value}” cannot be understood and is kept as text.",
        "Hãy ghi ngày theo dạng yyyy/MM/dd.",
        "Write dates as yyyy/MM/dd.",
    ),
    "package.number": _mend(
        "“{value}” không phải số nguyên; trục dùng giá trị mặc định.",
        "“{value}” is no whole number; the default is used.",
        "Hãy ghi số nguyên, không kèm chữ.",
        "Write a whole number without text.",
    ),
    "package.document-id-built": _mend(
        "Gói tin thiếu DocumentId; trục ghép mã từ đơn vị gửi, ngày và số ký hiệu: {value}.",
        "The DocumentId is missing; it was built from sender, date and number: {value}.",
        "Hãy ghi DocumentId vào gói tin.",
        "Write the DocumentId into the package.",
    ),
    "package.no-document-id": _mend(
        "Gói tin thiếu DocumentId và không đủ dữ liệu để ghép mã.",
        "The DocumentId is missing and cannot be built from the rest.",
        "Hãy ghi DocumentId vào gói tin.",
        "Write the DocumentId into the package.",
    ),
    "package.attachment-unlisted": _mend(
        "Tệp đính kèm “{name}” không có trong danh mục (edXMLManifest).",
        "The attachment “{name}” is not in the manifest.",
        "Hãy ghi đủ các tệp vào danh mục.",
        "List every file in the manifest.",
    ),
    "package.attachment-missing": _mend(
        "Danh mục có ghi “{name}” nhưng gói tin không kèm tệp này.",
        "The manifest lists “{name}”, but the package does not hold it.",
        "Hãy kèm đủ các tệp đã ghi trong danh mục.",
        "Attach every file that the manifest lists.",
    ),
    "attachment.foreign-characters": _mend(
        "Nội dung tệp đính kèm “{name}” có ký tự không thuộc base64.",
        "The content of the attachment “{name}” holds characters that are not base64.",
        "Hãy mã hóa lại tệp bằng base64 chuẩn.",
        "Encode the file again in standard base64.",
    ),
    "attachment.not-plain": _mend(
        "Nội dung tệp đính kèm “{name}” bị xen chú thích hoặc CDATA nên không đọc được tại chỗ.",
        "A comment or CDATA section stands in the content of the attachment “{name}”, which cannot be read.",
        "Hãy ghi base64 trực tiếp, không kèm gì khác.",
        "Write the base64 alone, with nothing in between.",
    ),
}

ENTRIES: dict[str, Entry] = {**_FORM, **_LIMITS, **_CONTENT, **_FINDINGS}
