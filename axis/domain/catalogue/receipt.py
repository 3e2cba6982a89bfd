"""Words about receipts: why one is refused, and what one proves; and about the keys behind them."""

from __future__ import annotations

from dataclasses import dataclass

from axis.domain.catalogue.entry import Entry, Remedy

_AGAIN_VI = "Hãy lấy lại biên nhận gốc từ trục; không dùng bản này làm bằng chứng."
_AGAIN_EN = "Fetch the original receipt from the axis again; do not use this one as evidence."
_KEY_VI = "Hãy sửa tệp khóa hoặc cấu hình (xem certs/README.md) rồi khởi động lại."
_KEY_EN = "Mend the key file or the configuration (see certs/README.md) and start again."


def _receipt(vi: str, en: str, do_vi: str = _AGAIN_VI, do_en: str = _AGAIN_EN) -> Entry:
    return Entry(Remedy.MEND, vi, en, do_vi, do_en)


def _key(vi: str, en: str, do_vi: str = _KEY_VI, do_en: str = _KEY_EN) -> Entry:
    return Entry(Remedy.OPERATOR, vi, en, do_vi, do_en)


ENTRIES: dict[str, Entry] = {
    "receipt.malformed": _receipt(
        "Đây không phải là biên nhận đúng quy cách ({detail}).",
        "This is not a well-formed receipt ({detail}).",
    ),
    "receipt.header": _receipt(
        "Phần đầu của biên nhận không đúng quy cách ({name}).",
        "The header of the receipt is not as it must be ({name}).",
    ),
    "receipt.algorithm": _receipt(
        "Thuật toán {algorithm} không được phép, hoặc không phù hợp với khóa của chứng thư số kèm theo.",
        "The algorithm {algorithm} is not allowed, or does not fit the key of the certificate.",
    ),
    "receipt.broken": _receipt(
        "Chữ ký trên biên nhận không khớp: nội dung đã bị thay đổi hoặc biên nhận là giả.",
        "The signature does not fit: the receipt was changed, or it is false.",
    ),
    "receipt.from-the-future": _receipt(
        "Biên nhận ghi thời điểm trong tương lai ({time}).",
        "The receipt bears a time in the future ({time}).",
        "Hãy kiểm tra đồng hồ của máy này; nếu đồng hồ đúng thì không dùng biên nhận này làm bằng chứng.",
        "Check the clock of this machine; if it is right, do not use the receipt as evidence.",
    ),
    "receipt.other-signer": _receipt(
        "Biên nhận do {subject} ký, không phải chứng thư số mà bạn yêu cầu.",
        "The receipt was signed by {subject}, not by the certificate you asked for.",
    ),
    "receipt.other-package": _receipt(
        "Tệp {file} không phải là gói tin nói trong biên nhận: SHA-256 của tệp là {found} ({size} byte), "
        "biên nhận ghi {expected} ({expected_size} byte).",
        "The file {file} is not the package of this receipt: its SHA-256 is {found} ({size} bytes), the "
        "receipt "
        "says {expected} ({expected_size} bytes).",
        "Hãy đối chiếu với đúng tệp gói tin gốc, chưa bị mở và lưu lại.",
        "Compare with the original package file, not with one that was opened and saved again.",
    ),
    "key.missing": _key(
        "Không mở được tệp khóa hoặc chứng thư số {file} ({detail}).",
        "The key or certificate file {file} cannot be opened ({detail}).",
    ),
    "key.unreadable": _key(
        "Tệp {file} không chứa khóa và chứng thư số đọc được (PEM, khóa không đặt mật khẩu).",
        "The file {file} holds no readable key and certificates (PEM, key without a password).",
    ),
    "key.kind": _key(
        "Khóa trong tệp {file} không dùng để ký biên nhận được: cần RSA từ 2048 bit hoặc đường cong P-256.",
        "The key in {file} cannot sign receipts: RSA of at least 2048 bits or P-256 is needed.",
    ),
    "key.mismatch": _key(
        "Khóa trong tệp {file} không phải là khóa của chứng thư số {subject}.",
        "The key in {file} does not belong to the certificate {subject}.",
    ),
    "key.chain": _key(
        "Chứng thư số dùng với khóa trong tệp {file} không hợp lệ. {vi}",
        "The certificates for the key in {file} are not acceptable. {en}",
    ),
    "key.root-missing": _key(
        "Cần gia hạn chứng thư số ký biên nhận nhưng không có khóa gốc {file}. Trục không tự tạo gốc mới, vì "
        "các bên đang kiểm tra biên nhận bằng gốc cũ.",
        "The receipt certificate must be renewed but the root key {file} is not there. The axis does not "
        "make "
        "a new root by itself, because others check receipts against the old one.",
        "Hãy đặt lại tệp khóa gốc từ nơi cất giữ, khởi động lại, rồi cất đi; hoặc cấu hình chứng thư số mới.",
        "Put the root key file back, start again, and store it away; or configure another certificate.",
    ),
    "key.exposed": _key(
        "Tệp khóa {file} đang để quyền {mode}: người khác đọc được, hoặc tệp không thuộc tài khoản chạy "
        "trục.",
        "The key file {file} has mode {mode}: others may read it, or it belongs to another account.",
        "Hãy đặt lại quyền (chmod 600) và chủ sở hữu; nếu người khác đã có thể đọc thì hãy thay khóa.",
        "Set mode 600 and the right owner; if others could have read it, replace the key.",
    ),
    "sealing.key-unreadable": _key(
        "Tệp khóa niêm phong {file} trống hoặc không đúng định dạng.",
        "The sealing key file {file} is empty or malformed.",
        "Hãy phục hồi tệp khóa từ bản sao lưu; nếu tạo khóa mới, mọi mã bí mật đã lưu phải được cấp lại.",
        "Restore the key file from backup; with a new key every stored secret must be issued anew.",
    ),
    "sealing.unopened": _key(
        "Không mở được mã bí mật đã niêm phong ({purpose}): khóa niêm phong không đúng, hoặc dữ liệu bị "
        "thay đổi.",
        "The sealed secret ({purpose}) cannot be opened: the sealing key is another one, or the data "
        "changed.",
        "Hãy phục hồi tệp khóa niêm phong cùng bản với cơ sở dữ liệu, hoặc cấp lại mã bí mật này.",
        "Restore the sealing key file that belongs to this database, or issue the secret anew.",
    ),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of ``axis verify``, in one language."""

    head: tuple[str, ...]
    events: dict[str, str]
    verdicts: dict[str, str]
    proves_title: str
    proves: tuple[str, ...]
    package_checked: str
    package_unchecked: str
    compare_by_command: str
    limits_title: str
    not_delivered: str
    limits: tuple[str, ...]


WORDS: dict[str, Words] = {
    "vi": Words(
        head=(
            "BIÊN NHẬN HỢP LỆ",
            "Lúc {when} (giờ Việt Nam), trục {axis} ghi nhận: {what}.",
            "Gói tin:      {package}",
            "Mã văn bản:   {document_id}",
            "Bên gửi:      {sender}",
            "Bên nhận:     {receivers}",
            "SHA-256:      {sha256} ({size} byte)",
            "Kết luận:     {verdict}",
            "Bên ký:       {signer}",
        ),
        events={
            "package.accepted": "đã tiếp nhận gói tin và lưu bền vững",
            "delivery.delivered": "hệ thống của bên nhận đã xác nhận nhận được gói tin",
            "delivery.refused": "hệ thống của bên nhận đã từ chối gói tin",
            "delivery.recalled": "gói tin đã được thu hồi trước khi chuyển đi",
            "status.moved": "trạng thái xử lý văn bản đã thay đổi",
        },
        verdicts={
            "proven": "gói tin có chữ ký số hợp lệ của đơn vị gửi",
            "attached": "gói tin không có chữ ký số được xác minh; tệp kèm theo có chữ ký số hợp lệ",
            "unproven": "gói tin không có chữ ký số được xác minh",
        },
        proves_title="Biên nhận này chứng minh:",
        proves=(
            "Bên giữ khóa của chứng thư số nêu trên đã ký đúng nội dung này; từ đó đến nay không ký tự nào "
            "thay đổi.",
            "Trục {axis} cam kết đã ghi sự kiện này vào nhật ký, với mã {id}.",
        ),
        package_checked="Tệp gói tin đưa kèm đúng là gói tin nói trong biên nhận, giống nhau từng byte.",
        package_unchecked="Tệp nào là gói tin nói trên: chưa đối chiếu.",
        compare_by_command="Thêm --package TỆP để đối chiếu.",
        limits_title="Biên nhận này không chứng minh:",
        not_delivered="Bên nhận đã nhận được gói tin: việc đó có biên nhận riêng.",
        limits=(
            "Bên ký chính là trục, nếu nơi cấp chứng thư số còn cấp cho bên khác: hãy đối chiếu tên.",
            "Có người đã đọc, đồng ý hay thực hiện văn bản.",
            "Nội dung và giá trị pháp lý của văn bản, hay chữ ký bên trong các tệp kèm theo.",
            "Thời điểm theo một đồng hồ độc lập: giờ ghi ở đây là giờ của trục.",
            "Chứng thư số của bên ký chưa bị thu hồi: hãy hỏi cơ quan chứng thực khi cần.",
        ),
    ),
    "en": Words(
        head=(
            "THE RECEIPT HOLDS",
            "At {when} (Vietnam time) the axis {axis} recorded: {what}.",
            "Package:      {package}",
            "Document:     {document_id}",
            "Sender:       {sender}",
            "Receivers:    {receivers}",
            "SHA-256:      {sha256} ({size} bytes)",
            "Verdict:      {verdict}",
            "Signed by:    {signer}",
        ),
        events={
            "package.accepted": "it accepted the package and stored it durably",
            "delivery.delivered": "the receiver's system confirmed that it has the package",
            "delivery.refused": "the receiver's system refused the package",
            "delivery.recalled": "the package was taken back before it left",
            "status.moved": "the handling status of the document changed",
        },
        verdicts={
            "proven": "the package bears a valid signature of the sending unit",
            "attached": "the package bears no verified signature; the files inside bear valid ones",
            "unproven": "the package bears no verified signature",
        },
        proves_title="This receipt proves:",
        proves=(
            "The holder of the key of that certificate signed exactly these facts; not one character "
            "changed.",
            "The axis {axis} vouches that the event stands in its journal as {id}.",
        ),
        package_checked="The package file given with it is the package it speaks of, byte for byte.",
        package_unchecked="Which file is that package: none was compared.",
        compare_by_command="Add --package FILE to compare one.",
        limits_title="This receipt does not prove:",
        not_delivered="That a receiver has the package: there is a receipt of its own for that.",
        limits=(
            "That the signer is the axis, if that authority certifies others too: look at the name above.",
            "That anybody read the document, agreed to it or acted on it.",
            "What the document says or its legal value, nor the signatures inside its files.",
            "The time by an independent clock: the time is that of the axis.",
            "That the signer's certificate was not revoked: ask its authority where it matters.",
        ),
    ),
}
