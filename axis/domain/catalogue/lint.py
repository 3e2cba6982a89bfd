"""Words of the linter.

``law`` on a finding is the short code integrators already know (decision-28.md section 7): a letter
and the element path, ``N.`` missing, ``R.`` out of range, ``M.`` invalid value, ``T.`` wrong type.
"""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy


def _mend(vi: str, en: str, do_vi: str, do_en: str) -> Entry:
    return Entry(Remedy.MEND, vi, en, do_vi, do_en)


_FORM: dict[str, Entry] = {
    "lint.malformed": _mend(
        "Tệp không phải XML đúng cú pháp (dòng {line}, cột {column}): {message}.",
        "The file is not well-formed XML (line {line}, column {column}): {message}.",
        "Sửa lỗi cú pháp tại dòng này; các lỗi khác chỉ kiểm tra được sau đó.",
        "Mend the syntax on that line; everything else can be checked only afterwards.",
    ),
    "lint.header-large": _mend(
        "Phần ngoài nội dung tệp đính kèm lớn hơn {limit} byte nên không kiểm tra được.",
        "What surrounds the attachments is larger than {limit} bytes and cannot be checked.",
        "Kiểm tra xem nội dung tệp có nằm ngoài ContentTransferEncoded hay không.",
        "Check whether file content lies outside ContentTransferEncoded.",
    ),
    "lint.bom": _mend(
        "Tệp bắt đầu bằng dấu BOM.",
        "The file begins with a byte order mark.",
        "Ghi UTF-8 không có BOM.",
        "Write UTF-8 without a BOM.",
    ),
    "lint.encoding": _mend(
        "Tệp dùng bảng mã {encoding}.",
        "The file is encoded in {encoding}.",
        "Ghi tệp bằng UTF-8.",
        "Write the file in UTF-8.",
    ),
    "lint.stray-before": _mend(
        "Có {bytes} byte thừa trước khai báo <?xml …?>.",
        "There are {bytes} stray bytes before the <?xml …?> declaration.",
        "Xóa mọi thứ đứng trước <?xml.",
        "Remove everything before <?xml.",
    ),
    "lint.undeclared-prefix": _mend(
        "Tiền tố “{prefix}” được dùng mà chưa khai báo không gian tên; nhiều phần mềm sẽ từ chối tệp này.",
        "The prefix “{prefix}” is used without a namespace declaration; many programs reject such a file.",
        "Khai báo xmlns:{prefix} tại phần tử dùng nó.",
        "Declare xmlns:{prefix} on the element that uses it.",
    ),
    "lint.namespace": _mend(
        "Không gian tên “{found}” khác với {expected}.",
        "The namespace “{found}” is not {expected}.",
        "Dùng đúng không gian tên của QCVN 102:2016.",
        "Use the namespace of QCVN 102:2016.",
    ),
    "lint.prefix": _mend(
        "Phần tử {name} được ghi là “{found}” thay vì “{expected}”; một số phần mềm tìm đúng tên này.",
        "The element {name} is written as “{found}” instead of “{expected}”; some programs look for that "
        "literal name.",
        "Ghi đúng tiền tố như thư viện của trục quốc gia.",
        "Write prefixes as the national library does.",
    ),
    "lint.not-edxml": _mend(
        "Không tìm thấy {missing}: tệp này không phải gói tin edXML.",
        "There is no {missing}: this file is not an edXML package.",
        "Kiểm tra xem có gửi nhầm tệp không.",
        "Check whether the wrong file was sent.",
    ),
    "lint.schema": _mend(
        "Nội dung khác với lược đồ: {message}.",
        "The content departs from the schema: {message}.",
        "So với schemas/{schema}; trục có thể vẫn nhận nhưng phần mềm khác có thể từ chối.",
        "Compare with schemas/{schema}; the axis may take it, other programs may not.",
    ),
    "lint.schema-order": _mend(
        "Phần tử {element} đứng sai thứ tự hoặc không có trong lược đồ; tại đây lược đồ chờ: {expected}.",
        "The element {element} is out of order or unknown; here the schema expects: {expected}.",
        "Xếp lại theo schemas/{schema}. Trục đọc được mọi thứ tự, phần mềm khác có thể không.",
        "Put it in the order of schemas/{schema}. The axis reads any order, other programs may not.",
    ),
    "lint.schema-missing": _mend(
        "Phần tử {element} thiếu phần tử con: {expected}.",
        "The element {element} lacks a child: {expected}.",
        "Bổ sung theo schemas/{schema}.",
        "Add it as schemas/{schema} says.",
    ),
    "lint.secrecy": _mend(
        "Gói tin mang dấu độ mật “{mark}”; văn bản mật không được gửi qua trục (QĐ 28/2018/QĐ-TTg, Điều 1).",
        "The package is marked secret (“{mark}”); such documents may not travel on the axis "
        "(Decision 28/2018/QĐ-TTg, Article 1).",
        "Không gửi văn bản này qua trục; gửi theo quy định về bảo vệ bí mật nhà nước.",
        "Do not send it here; follow the rules on protecting state secrets.",
    ),
    "lint.many": _mend(
        "Có quá nhiều lỗi; chỉ {limit} mục đầu được liệt kê.",
        "There are too many findings; only the first {limit} are listed.",
        "Sửa các mục này rồi kiểm tra lại.",
        "Mend these and check again.",
    ),
}

_VALUES: dict[str, Entry] = {
    "lint.missing": _mend(
        "Thiếu trường bắt buộc {name}.",
        "The required field {name} is missing or empty.",
        "Điền trường này.",
        "Fill it in.",
    ),
    "lint.too-long": _mend(
        "{name} dài {length} ký tự, quá {limit}. Trục giữ nguyên, không cắt; phần mềm khác có thể cắt hoặc "
        "từ chối.",
        "{name} has {length} characters, more than {limit}. The axis keeps it whole; other programs may not.",
        "Rút gọn còn {limit} ký tự.",
        "Shorten it to {limit} characters.",
    ),
    "lint.not-a-number": _mend(
        "{name} là “{value}”, không phải số nguyên.",
        "{name} is “{value}”, which is not an integer.",
        "Ghi một số nguyên, không có khoảng trắng.",
        "Write a plain integer without spaces.",
    ),
    "lint.out-of-range": _mend(
        "{name} là “{value}”, ngoài khoảng cho phép ({allowed}).",
        "{name} is “{value}”, outside what is allowed ({allowed}).",
        "Dùng một giá trị trong khoảng đó.",
        "Use a value in that range.",
    ),
    "lint.value": _mend(
        "{name} là “{value}”, không thuộc các giá trị đã biết ({allowed}).",
        "{name} is “{value}”, none of the known values ({allowed}).",
        "Dùng một trong các giá trị đó.",
        "Use one of them.",
    ),
    "lint.null": _mend(
        "{name} có giá trị chữ “null”; trục coi như bỏ trống.",
        "{name} holds the word “null”; the axis takes it as absent.",
        "Bỏ hẳn phần tử khi không có giá trị.",
        "Leave the element out when there is no value.",
    ),
    "lint.date": _mend(
        "{name} là “{value}”, không đọc được thành ngày.",
        "{name} is “{value}”, which cannot be read as a date.",
        "Ghi yyyy/MM/dd, ví dụ 2019/09/30.",
        "Write yyyy/MM/dd, for example 2019/09/30.",
    ),
    "lint.date-calendar": _mend(
        "{name} là “{value}”: ngày này không có trong lịch.",
        "{name} is “{value}”: there is no such day.",
        "Kiểm tra lại ngày.",
        "Check the date.",
    ),
    "lint.date-form": _mend(
        "{name} là “{value}”, không theo dạng {form}; một số phần mềm sẽ đọc sai.",
        "{name} is “{value}”, not of the form {form}; some programs will misread it.",
        "Ghi theo dạng {form}.",
        "Write it as {form}.",
    ),
    "lint.date-future": _mend(
        "{name} là “{value}”, sau ngày hôm nay ({today}).",
        "{name} is “{value}”, later than today ({today}).",
        "Kiểm tra lại ngày ban hành.",
        "Check the date of issue.",
    ),
    "lint.code-form": _mend(
        "Mã định danh “{value}” không theo dạng cũ (000.00.00.G22) cũng không theo dạng mới (G22.01).",
        "The agency code “{value}” has neither the old form (000.00.00.G22) nor the new one (G22.01).",
        "Đối chiếu với danh mục mã định danh điện tử của cơ quan.",
        "Check it against the register of agency codes.",
    ),
    "lint.duplicate-receiver": _mend(
        "Nơi nhận “{value}” xuất hiện nhiều lần.",
        "The receiver “{value}” is named more than once.",
        "Chỉ ghi mỗi nơi nhận một lần.",
        "Name each receiver once.",
    ),
    "lint.document-id-missing": _mend(
        "Thiếu DocumentId; mỗi phần mềm sẽ tự đặt một mã khác nhau cho văn bản này.",
        "DocumentId is missing; every program will make up a different one for this document.",
        "Ghi DocumentId theo dạng “mã cơ quan,yyyy/MM/dd,số/ký hiệu”.",
        "Write DocumentId as “OrganId,yyyy/MM/dd,Number/Notation”.",
    ),
    "lint.document-id-form": _mend(
        "{name} là “{value}”, không theo dạng “mã cơ quan,yyyy/MM/dd,số/ký hiệu”.",
        "{name} is “{value}”, not of the form “OrganId,yyyy/MM/dd,Number/Notation”.",
        "Nên dùng dạng này; trục vẫn nhận mọi chuỗi.",
        "Prefer that form; the axis takes any string.",
    ),
    "lint.document-id-mismatch": _mend(
        "Trong DocumentId, {part} là “{inside}” nhưng tiêu đề ghi “{header}”.",
        "In DocumentId the {part} is “{inside}”, but the header says “{header}”.",
        "Sửa cho khớp; bên nhận dùng DocumentId để tìm văn bản.",
        "Make them agree; receivers find the document by its DocumentId.",
    ),
    "lint.business": _mend(
        "Gói tin loại {type} ({word}) phải có {needed}.",
        "A package of type {type} ({word_en}) needs {needed}.",
        "Bổ sung thông tin chỉ rõ văn bản liên quan.",
        "Add what tells which document is meant.",
    ),
    "lint.reason-missing": _mend(
        "Từ chối tiếp nhận (02) hoặc từ chối lấy lại/cập nhật (16) mà không có lý do.",
        "A return (02) or a denial (16) without a reason.",
        "Ghi lý do trong Description (tối đa {limit} ký tự).",
        "State the reason in Description (at most {limit} characters).",
    ),
    "lint.reason-too-long": _mend(
        "Lý do từ chối dài {length} ký tự, quá {limit}.",
        "The reason of the refusal has {length} characters, more than {limit}.",
        "Rút gọn lý do.",
        "Shorten it.",
    ),
    "lint.signature-legacy": _mend(
        "Phần tử Signature nằm trong không gian tên edXML, không phải XML-DSig: gói tin được coi là chưa ký.",
        "The Signature element is in the edXML namespace, not in XML-DSig's: the package counts as unsigned.",
        "Ký theo XML-DSig (http://www.w3.org/2000/09/xmldsig#), RSA-SHA256, exclusive C14N.",
        "Sign with XML-DSig (http://www.w3.org/2000/09/xmldsig#), RSA-SHA256, exclusive C14N.",
    ),
    "lint.signature-none": _mend(
        "Gói tin không có chữ ký số.",
        "The package carries no digital signature.",
        "Ký gói tin; nếu không, đơn vị yêu cầu chữ ký sẽ bị trục từ chối.",
        "Sign it; senders whose policy requires a signature are refused without one.",
    ),
    "lint.signature-place": _mend(
        "Chữ ký số không nằm trực tiếp trong edXMLHeader, hoặc có nhiều hơn một.",
        "The signature is not a child of edXMLHeader, or there is more than one.",
        "Đặt đúng một ds:Signature làm con của edXMLHeader.",
        "Put exactly one ds:Signature directly under edXMLHeader.",
    ),
}

_FILES: dict[str, Entry] = {
    "lint.attachment-missing": _mend(
        "Văn bản mới nhưng không có tệp đính kèm nào.",
        "A new document without any attachment.",
        "Đính kèm tệp văn bản.",
        "Attach the document.",
    ),
    "lint.attachment-empty": _mend(
        "Tệp đính kèm “{attachment}” không có nội dung.",
        "The attachment “{attachment}” has no content.",
        "Kiểm tra tệp gốc và đính kèm lại.",
        "Check the source file and attach it again.",
    ),
    "lint.attachment-name": _mend(
        "Tên tệp “{attachment}” thiếu phần mở rộng hoặc có ký tự không an toàn; trục hiển thị “{shown}”.",
        "The file name “{attachment}” lacks an extension or holds unsafe characters; the axis shows "
        "“{shown}”.",
        "Đặt tên tệp đơn giản, có phần mở rộng.",
        "Use a plain name with an extension.",
    ),
    "lint.attachment-unlisted": _mend(
        "Tệp đính kèm “{attachment}” không được nêu trong edXMLManifest.",
        "The attachment “{attachment}” is not listed in edXMLManifest.",
        "Thêm một Reference có cùng ContentId.",
        "Add a Reference with the same ContentId.",
    ),
    "lint.reference-dangling": _mend(
        "edXMLManifest nêu “{attachment}” nhưng không có tệp đính kèm tương ứng.",
        "edXMLManifest lists “{attachment}”, but no attachment matches.",
        "Thêm tệp còn thiếu hoặc bỏ Reference này.",
        "Add the missing file or remove this Reference.",
    ),
    "lint.attachment-paired": _mend(
        "ContentId của “{attachment}” không khớp với edXMLManifest; trục ghép theo {how_vi}.",
        "The ContentId of “{attachment}” does not match edXMLManifest; the axis paired it by {how}.",
        "Dùng cùng một ContentId (“cid:” + UUID) ở cả hai nơi.",
        "Use one ContentId (“cid:” + UUID) in both places.",
    ),
    "lint.cid-repeated": _mend(
        "ContentId “{value}” lặp tiền tố “cid:”.",
        "The ContentId “{value}” repeats the prefix “cid:”.",
        "Chỉ ghi “cid:” một lần.",
        "Write “cid:” once.",
    ),
    "lint.wrapper-expected": _mend(
        "ContentType của “{attachment}” là application/zip nhưng nội dung không phải tệp zip chứa đúng một "
        "tệp; "
        "thư viện của trục quốc gia sẽ không mở được hoặc mở sai.",
        "The ContentType of “{attachment}” is application/zip but its content is not a zip with exactly "
        "one file; "
        "the national library will fail on it or open the wrong file.",
        "Nén tệp thành zip có đúng một tệp, hoặc ghi đúng ContentType.",
        "Pack the file into a zip with exactly one entry, or state the true ContentType.",
    ),
    "lint.wrapper-unannounced": _mend(
        "Nội dung “{attachment}” là tệp zip bọc ngoài nhưng ContentType là “{type}”.",
        "The content of “{attachment}” is a zip wrapper, but its ContentType is “{type}”.",
        "Ghi ContentType là application/zip.",
        "State application/zip as ContentType.",
    ),
    "lint.not-what-it-says": _mend(
        "Tệp “{attachment}” mang đuôi .{extension} nhưng nội dung không phải loại đó (có thể đã hỏng khi "
        "chuyển mã).",
        "The file “{attachment}” ends in .{extension} but its content is something else (perhaps ruined in "
        "conversion).",
        "Mở thử tệp gốc và đính kèm lại ở dạng nhị phân.",
        "Open the source file to check it and attach it again as binary.",
    ),
}

ENTRIES: dict[str, Entry] = {**_FORM, **_VALUES, **_FILES}
