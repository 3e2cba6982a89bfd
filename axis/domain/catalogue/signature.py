"""Words about the digital signature of a package: why it is refused."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_PROFILE_VI = "Hãy ký lại theo đúng quy cách chữ ký của trục (docs/signing.md) rồi gửi lại."
_PROFILE_EN = "Sign again as the axis' signature profile says (docs/signing.md), and send again."
_MEND_VI = "Hãy sửa gói tin, ký lại rồi gửi lại: gói tin có chữ ký phải đúng quy cách tuyệt đối."
_MEND_EN = "Mend the package, sign it again and send it: a signed package is read strictly."
_KEY_VI = "Hãy ký bằng chứng thư số RSA từ 2048 bit hoặc ECDSA P-256/P-384 rồi gửi lại."
_KEY_EN = "Sign with an RSA certificate of 2048 bits or more, or ECDSA P-256/P-384, and send again."
_ALTERED_VI = (
    "Gói tin đã bị thay đổi sau khi ký, dù chỉ một dấu cách hay dấu xuống dòng. Hãy gửi nguyên văn tệp đã ký."
)
_ALTERED_EN = (
    "Something was changed after signing, be it a space or a line end. Send the signed file as it is."
)


def _profile(vi: str, en: str) -> Entry:
    return Entry(Remedy.MEND, vi, en, _PROFILE_VI, _PROFILE_EN)


def _strict(vi: str, en: str) -> Entry:
    return Entry(Remedy.MEND, vi, en, _MEND_VI, _MEND_EN)


def _key(vi: str, en: str) -> Entry:
    return Entry(Remedy.MEND, vi, en, _KEY_VI, _KEY_EN)


_PLACE = {
    "signature.misplaced": _profile(
        "Có chữ ký số nằm sai chỗ, tại {path} (dòng {line}); chỗ của chữ ký là ngay trong edXMLHeader.",
        "A digital signature stands in the wrong place, at {path} (line {line}); its place is edXMLHeader.",
    ),
    "signature.second": _profile(
        "Gói tin có nhiều hơn một chữ ký số.", "The package holds more than one digital signature."
    ),
    "signature.order": _profile(
        "Phần thân hoặc tệp đính kèm đứng trước chữ ký số.",
        "The body or an attachment stands before the signature.",
    ),
    "signature.stray-part": _profile(
        "Một phần của chữ ký số nằm ngoài chữ ký, tại {path} (dòng {line}).",
        "A part of a signature stands outside of it, at {path} (line {line}).",
    ),
    "signature.legacy": Entry(
        Remedy.MEND,
        "Phần tử Signature trong gói tin chỉ là chữ ký hình thức của thư viện cũ, không kiểm tra được.",
        "The Signature in the package is the old library's dummy; there is nothing to verify.",
        "Hãy ký số theo XML-DSig nếu gói tin cần có giá trị chứng thực.",
        "Sign it with XML-DSig if the package is to be proven.",
    ),
}

_STRICT = {
    "signature.repaired": _strict(
        "Gói tin có chữ ký số nhưng viết sai quy cách ({repair}, dòng {line}), chỉ đọc được nếu sửa tạm.",
        "The package is signed but irregular ({repair}, line {line}); it could be read only after repairs.",
    ),
    "signature.comment-in-value": _strict(
        "Có chú thích XML nằm giữa giá trị {path} (dòng {line}) của gói tin có chữ ký số.",
        "A comment stands inside the value {path} (line {line}) of a signed package.",
    ),
    "signature.instruction-in-value": _strict(
        "Có chỉ thị xử lý XML nằm giữa giá trị {path} (dòng {line}) của gói tin có chữ ký số.",
        "An XML instruction stands inside the value {path} (line {line}) of a signed package.",
    ),
    "signature.content": _strict(
        "Nội dung tệp đính kèm {name} không phải là base64 thuần túy (dòng {line}), mà gói tin có chữ ký số.",
        "The content of the attachment {name} is not plain base64 (line {line}), in a signed package.",
    ),
    "signature.repeated": _strict(
        "Phần tử {name} xuất hiện hai lần (dòng {line}) trong gói tin có chữ ký số.",
        "The element {name} stands twice (line {line}) in a signed package.",
    ),
    "signature.repeated-id": _strict(
        "Hai phần tử có cùng Id, hoặc có quá nhiều Id, tại {path} (dòng {line}).",
        "Two elements have the same Id, or there are too many, at {path} (line {line}).",
    ),
    "signature.wrapped": _strict(
        "Phần tử tại {path} (dòng {line}) nằm sai chỗ trong gói tin có chữ ký số; đây là dấu hiệu giả mạo.",
        "The element at {path} (line {line}) stands in the wrong place of a signed package, as forgeries do.",
    ),
    "signature.namespace": _strict(
        "Khai báo không gian tên sai quy tắc tại {path} (dòng {line}) trong gói tin có chữ ký số.",
        "A namespace declaration breaks the rules at {path} (line {line}) in a signed package.",
    ),
    "signature.stylesheet": _strict(
        "Gói tin có chữ ký số nhưng chứa chỉ thị xml-stylesheet.",
        "The signed package holds an xml-stylesheet instruction.",
    ),
}

_PROFILE = {
    "signature.comment": _profile(
        "Có chú thích XML bên trong chữ ký số (dòng {line}).",
        "A comment stands inside the signature (line {line}).",
    ),
    "signature.instruction": _profile(
        "Có chỉ thị xử lý XML bên trong chữ ký số (dòng {line}).",
        "An XML instruction stands inside the signature (line {line}).",
    ),
    "signature.object": _profile("Chữ ký số chứa phần tử Object.", "The signature holds an Object."),
    "signature.inclusive-namespaces": _profile(
        "Chữ ký số dùng InclusiveNamespaces, trục không nhận.",
        "The signature uses InclusiveNamespaces, which the axis does not take.",
    ),
    "signature.parameters": _profile(
        "Thuật toán trong {parent} có tham số kèm theo ({name}), trục không nhận.",
        "The algorithm in {parent} has a parameter ({name}), which is not taken.",
    ),
    "signature.missing-child": _profile(
        "Chữ ký số thiếu {name} trong {parent}.", "The signature lacks {name} in {parent}."
    ),
    "signature.repeated-child": _profile(
        "Chữ ký số có nhiều hơn một {name} trong {parent}.",
        "The signature holds more than one {name} in {parent}.",
    ),
    "signature.unknown-child": _profile(
        "Chữ ký số có phần tử lạ hoặc sai thứ tự: {name} trong {parent}.",
        "The signature holds an unexpected {name} in {parent}.",
    ),
    "signature.unknown-attribute": _profile(
        "Chữ ký số có thuộc tính lạ {name} ở {parent}.",
        "The signature holds an unexpected attribute {name} at {parent}.",
    ),
    "signature.stray-text": _profile(
        "Chữ ký số có chữ thừa trong {parent}.", "The signature holds stray text in {parent}."
    ),
    "signature.base64": _profile(
        "Giá trị {name} trong chữ ký số không phải base64 hợp lệ.",
        "The value {name} of the signature is not proper base64.",
    ),
    "signature.reference": _profile(
        "Chữ ký số phải ký toàn bộ gói tin (Reference có URI rỗng), nhưng URI là “{uri}”.",
        "The signature must cover the whole package (a Reference with an empty URI), but the URI is “{uri}”.",
    ),
    "signature.transforms": _profile(
        "Các phép biến đổi của chữ ký số không đúng quy cách: {found}.",
        "The transforms of the signature are not those of the profile: {found}.",
    ),
    "signature.canonicalization": _profile(
        "Phép chuẩn hóa {algorithm} không được chấp nhận.",
        "The canonicalisation {algorithm} is not accepted.",
    ),
    "signature.inclusive-not-enabled": Entry(
        Remedy.MEND,
        "Chữ ký số dùng chuẩn hóa C14N 1.0 kiểu bao gồm, đơn vị này chưa được phép dùng.",
        "The signature uses inclusive C14N 1.0, which is not enabled for this unit.",
        "Hãy ký bằng chuẩn hóa loại trừ (exc-c14n), hoặc đề nghị đơn vị vận hành trục bật cho đơn vị mình.",
        "Sign with exclusive canonicalisation, or ask the operator of the axis to enable it for your unit.",
    ),
    "signature.xml-attributes": _profile(
        "Chữ ký số kiểu C14N 1.0 nằm dưới phần tử có thuộc tính xml:…, trục không nhận.",
        "A signature with C14N 1.0 stands below an element with an xml:… attribute, which is not taken.",
    ),
    "signature.method": _profile(
        "Thuật toán ký {algorithm} không được chấp nhận.",
        "The signature algorithm {algorithm} is not accepted.",
    ),
    "signature.digest-method": _profile(
        "Thuật toán băm {algorithm} không được chấp nhận.",
        "The digest algorithm {algorithm} is not accepted.",
    ),
    "signature.digest-length": _profile(
        "DigestValue có độ dài không khớp với thuật toán băm.",
        "The length of DigestValue does not fit its algorithm.",
    ),
    "signature.sha1": _profile(
        "Chữ ký số dùng SHA-1 đã lỗi thời, đơn vị này không được phép dùng.",
        "The signature uses the outdated SHA-1, which this unit may not.",
    ),
    "signature.no-certificate": _profile(
        "Chữ ký số không kèm chứng thư số (X509Certificate).",
        "The signature brings no certificate (X509Certificate).",
    ),
    "signature.too-many-certificates": _profile(
        "Chữ ký số kèm nhiều hơn {limit} chứng thư số.",
        "The signature brings more than {limit} certificates.",
    ),
    "signature.certificate-unreadable": _profile(
        "Không đọc được chứng thư số kèm theo chữ ký.",
        "A certificate that comes with the signature cannot be read.",
    ),
    "signature.leaf-ambiguous": _profile(
        "Không xác định được chứng thư số nào là của người ký trong các chứng thư kèm theo.",
        "It cannot be told which of the enclosed certificates is the signer's.",
    ),
}

_VALUE = {
    "signature.digest": Entry(
        Remedy.MEND,
        "Nội dung gói tin không khớp với chữ ký số (giá trị băm khác nhau).",
        "The content of the package does not match its signature (the digests differ).",
        _ALTERED_VI,
        _ALTERED_EN,
    ),
    "signature.value": Entry(
        Remedy.MEND,
        "Giá trị chữ ký số không khớp với chứng thư số kèm theo.",
        "The signature value does not fit the certificate that comes with it.",
        "Hãy kiểm tra khóa và chứng thư số của máy ký có phải một cặp, rồi ký lại.",
        "Check that key and certificate of the signing machine are a pair, then sign again.",
    ),
    "signature.key-mismatch": _key(
        "Thuật toán ký {method} không hợp với loại khóa {key} của chứng thư số.",
        "The algorithm {method} does not fit the certificate's key of type {key}.",
    ),
    "signature.key-value": _profile(
        "KeyValue trong chữ ký số khác khóa của chứng thư số.",
        "The KeyValue in the signature is not the certificate's key.",
    ),
    "signature.weak-key": _key(
        "Khóa RSA {bits} bit không được chấp nhận (tối thiểu {minimum}).",
        "An RSA key of {bits} bits is not accepted (at least {minimum}).",
    ),
    "signature.curve": _key("Đường cong {curve} không được chấp nhận.", "The curve {curve} is not accepted."),
}

ENTRIES: dict[str, Entry] = {**_PLACE, **_STRICT, **_PROFILE, **_VALUE}
