"""Words about certificates, their authorities, and the verdict on a package's seal."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_RENEW_VI = "Hãy dùng chứng thư số còn hiệu lực do cơ quan chứng thực trục tin cậy cấp, rồi ký và gửi lại."
_RENEW_EN = "Use a valid certificate from an authority the axis trusts, then sign and send again."
_ASK_VI = "Hãy liên hệ đơn vị cấp chứng thư số để được cấp lại, sau đó ký và gửi lại."
_ASK_EN = "Ask the issuer for a proper certificate, then sign and send again."
_ANCHOR_VI = "Hãy sửa tệp này trong thư mục chứng thư gốc (xem certs/README.md) rồi khởi động lại."
_ANCHOR_EN = "Mend the file in the folder of trust anchors (see certs/README.md) and start again."


def _leaf(vi: str, en: str, do_vi: str = _ASK_VI, do_en: str = _ASK_EN) -> Entry:
    return Entry(Remedy.MEND, vi, en, do_vi, do_en)


def _anchor(vi: str, en: str) -> Entry:
    return Entry(Remedy.OPERATOR, vi, en, _ANCHOR_VI, _ANCHOR_EN)


ENTRIES: dict[str, Entry] = {
    "certificate.unreadable": _leaf(
        "Không đọc được chứng thư số kèm theo chữ ký ({detail}).",
        "The certificate that comes with the signature cannot be read ({detail}).",
    ),
    "certificate.expired": _leaf(
        "Chứng thư số {subject} đã hết hiệu lực từ ngày {valid_to}.",
        "The certificate {subject} expired on {valid_to}.",
        _RENEW_VI, _RENEW_EN,
    ),
    "certificate.not-yet-valid": _leaf(
        "Chứng thư số {subject} chưa có hiệu lực, đến ngày {valid_from} mới bắt đầu.",
        "The certificate {subject} is not valid before {valid_from}.",
        "Hãy kiểm tra ngày giờ của máy ký, hoặc dùng chứng thư số đang có hiệu lực, rồi ký và gửi lại.",
        "Check the clock of the signing machine or use a certificate that is valid now, then sign and "
        "send again.",
    ),
    "certificate.unknown-issuer": _leaf(
        "Chứng thư số {subject} do {issuer} cấp; trục không tin cậy cơ quan chứng thực này, hoặc gói tin "
        "thiếu chứng thư số của cơ quan cấp trung gian.",
        "The certificate {subject} was issued by {issuer}, which the axis does not trust, or the package "
        "lacks an intermediate certificate.",
        "Hãy gửi kèm đủ các chứng thư số trung gian. Nếu cơ quan chứng thực này là hợp lệ, hãy đề nghị "
        "đơn vị vận hành trục thêm vào danh sách tin cậy.",
        "Send all intermediate certificates along. If the authority is a proper one, ask the operator of the "
        "axis to add it to the trust anchors.",
    ),
    "certificate.bad-signature": _leaf(
        "Chứng thư số {subject} ghi cơ quan cấp là {issuer}, nhưng chữ ký trên chứng thư số không phải "
        "của cơ quan đó.",
        "The certificate {subject} names {issuer} as its issuer, but that authority's key did not sign it.",
    ),
    "certificate.not-a-ca": _leaf(
        "{subject} đứng trong đường dẫn chứng thực nhưng không có quyền cấp chứng thư số.",
        "{subject} stands in the certification path but may not issue certificates.",
    ),
    "certificate.path-length": _leaf(
        "Dưới {subject} có nhiều cấp chứng thực hơn số cho phép ({limit}).",
        "There are more levels of authorities below {subject} than it allows ({limit}).",
    ),
    "certificate.path-too-long": _leaf(
        "Đường dẫn chứng thực dài quá {limit} chứng thư số.",
        "The certification path has more than {limit} certificates.",
    ),
    "certificate.too-many": _leaf(
        "Chữ ký kèm theo {count} chứng thư số; trục chỉ nhận nhiều nhất {limit}.",
        "The signature brings {count} certificates; the axis takes at most {limit}.",
        "Hãy chỉ gửi kèm chứng thư số của bên ký và các chứng thư số trung gian của nó.",
        "Send only the signer's certificate and its intermediates.",
    ),
    "certificate.key-usage": _leaf(
        "Chứng thư số {subject} không được cấp để ký số (thiếu digitalSignature và nonRepudiation).",
        "The certificate {subject} was not issued for signing (neither digitalSignature nor nonRepudiation).",
    ),
    "certificate.purpose": _leaf(
        "Chứng thư số {subject} chỉ dùng cho mục đích khác, không dùng để ký văn bản.",
        "The certificate {subject} is for other purposes only, not for signing documents.",
    ),
    "certificate.weak-key": _leaf(
        "Khóa của chứng thư số {subject} ({key}) không đạt yêu cầu: cần RSA từ 2048 bit, hoặc đường cong "
        "P-256, P-384, P-521.",
        "The key of the certificate {subject} ({key}) is not acceptable: RSA of at least 2048 bits, or "
        "P-256, "
        "P-384, P-521.",
    ),
    "certificate.weak-signature": _leaf(
        "Chứng thư số {subject} được ký bằng thuật toán không còn an toàn ({algorithm}).",
        "The certificate {subject} is signed with an algorithm that is no longer safe ({algorithm}).",
    ),
    "certificate.critical-extension": _leaf(
        "Chứng thư số {subject} có phần mở rộng bắt buộc mà trục không hiểu ({oid}), nên không thể chấp "
        "nhận.",
        "The certificate {subject} holds a critical extension the axis does not understand ({oid}), so it "
        "cannot be accepted.",
    ),
    "certificate.name-constraints": _leaf(
        "Tên trong chứng thư số {subject} nằm ngoài phạm vi mà {issuer} được phép cấp.",
        "The name in the certificate {subject} is outside what {issuer} may certify.",
    ),
    "certificate.path-refused": _leaf(
        "Không lập được đường dẫn chứng thực hợp lệ ({detail}).",
        "No valid certification path could be built ({detail}).",
    ),
    "certificate.no-anchors": Entry(
        Remedy.OPERATOR,
        "Trục chưa có chứng thư gốc tin cậy nào nên không xác minh được chữ ký số.",
        "The axis has no trust anchors, so it can verify no signature.",
        "Đơn vị vận hành cần thêm chứng thư gốc (xem certs/README.md).",
        "The operator has to add the authorities' root certificates (see certs/README.md).",
    ),
    "certificate.anchor-missing": _anchor(
        "Không mở được tệp chứng thư gốc {file} ({detail}).",
        "The trust anchor file {file} cannot be opened ({detail}).",
    ),
    "certificate.anchor-unreadable": _anchor(
        "Tệp {file} không chứa chứng thư số đọc được ({detail}).",
        "The file {file} holds no readable certificate ({detail}).",
    ),
    "certificate.anchor-private-key": _anchor(
        "Tệp chứng thư gốc {file} chứa cả khóa bí mật. Chứng thư gốc được phân phát công khai nên tệp này "
        "bị từ chối.",
        "The trust anchor file {file} also holds a private key. Anchors are handed out, so it is refused.",
    ),
    "certificate.anchor-writable": _anchor(
        "Tệp chứng thư gốc {file} cho phép mọi người ghi; ai cũng có thể thêm cơ quan chứng thực giả.",
        "Anybody may write to the trust anchor file {file} and so add a false authority.",
    ),
    "certificate.anchor-unusable": _anchor(
        "Không thể dùng {subject} làm chứng thư gốc. {vi}",
        "{subject} cannot serve as a trust anchor. {en}",
    ),
    "verdict.unsigned": _leaf(
        "Gói tin không có chữ ký số.",
        "The package carries no signature.",
        "Hãy ký số gói tin bằng chứng thư số đã đăng ký của đơn vị rồi gửi lại.",
        "Sign the package with the unit's registered certificate and send it again.",
    ),
    "verdict.not-bound": _leaf(
        "Chứng thư số {subject} không phải là chứng thư số đã đăng ký cho đơn vị {unit}.",
        "The certificate {subject} is not registered for the unit {unit}.",
        "Hãy ký bằng chứng thư số đã đăng ký, hoặc đề nghị đơn vị vận hành trục đăng ký chứng thư số này "
        "(vân tay SHA-256: {fingerprint}).",
        "Sign with a registered certificate, or ask the operator of the axis to register this one (SHA-256 "
        "fingerprint {fingerprint}).",
    ),
    "verdict.binding-over": _leaf(
        "Chứng thư số {subject} chỉ được đăng ký ký cho đơn vị {unit} từ {bound_from} đến {bound_to}.",
        "The certificate {subject} is registered for the unit {unit} only from {bound_from} to {bound_to}.",
        "Hãy ký bằng chứng thư số đang được đăng ký, hoặc đề nghị đơn vị vận hành trục gia hạn đăng ký.",
        "Sign with a certificate registered now, or ask the operator of the axis to extend the registration.",
    ),
    "verdict.sha1": _leaf(
        "Chữ ký dùng SHA-1, thuật toán không còn an toàn, và đơn vị {unit} không (hoặc không còn) được tạm "
        "dùng thuật toán này.",
        "The signature uses SHA-1, which is no longer safe, and the unit {unit} has no (or no more) leave to "
        "use it.",
        "Hãy cấu hình hệ thống ký bằng SHA-256 trở lên rồi ký và gửi lại.",
        "Set the signing system to SHA-256 or better, then sign and send again.",
    ),
    "verdict.policy-required": _leaf(
        "Gói tin của đơn vị {unit} phải có chữ ký số hợp lệ của chính đơn vị đó. Lý do không đạt: {reasons}",
        "A package of the unit {unit} needs a valid signature of that unit. What is wrong: {reasons_en}",
        "Hãy khắc phục các lý do trên rồi ký và gửi lại.",
        "Mend the above, then sign and send again.",
    ),
    "verdict.policy-attached": _leaf(
        "Đơn vị {unit} được phép dùng chữ ký số trong tệp đính kèm thay cho chữ ký trên gói tin, nhưng trục "
        "hiện chưa kiểm tra chữ ký trong tệp đính kèm nên vẫn yêu cầu chữ ký trên gói tin. Lý do không "
        "đạt: {reasons}",
        "The unit {unit} may rely on signatures inside the attached files, but this version of the axis does "
        "not check those yet and still needs a signature on the package. What is wrong: {reasons_en}",
        "Hãy ký số gói tin rồi gửi lại, hoặc đề nghị đơn vị vận hành trục đổi chính sách của đơn vị.",
        "Sign the package and send it again, or ask the operator of the axis to change the unit's policy.",
    ),
}
