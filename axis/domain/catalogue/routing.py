"""Refusals of routing, intake, statuses and the directory."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_MEND, _ASK, _RETRY = Remedy.MEND, Remedy.OPERATOR, Remedy.RETRY

ENTRIES: dict[str, Entry] = {
    "routing.unknown-receiver": Entry(
        _MEND,
        "Không tìm thấy đơn vị nhận trên trục: {codes}. Danh sách nơi nhận nằm trong phần đã ký nên trục không sửa thay.",
        "These receivers are not connected to the axis: {codes}. The list is inside the signed bytes, so the axis cannot mend it.",
        "Kiểm tra lại mã định danh nơi nhận theo danh mục đơn vị (getAgenciesList), sửa, ký và gửi lại.",
        "Check the codes against the list of agencies (getAgenciesList), correct them, sign and send again.",
    ),
    "routing.no-receiver": Entry(
        _MEND,
        "Gói tin không có đơn vị nhận nào thuộc trục này.",
        "None of the receivers of this package belongs to this axis.",
        "Kiểm tra phần To của gói tin rồi gửi lại.",
        "Check the To elements of the package and send again.",
    ),
    "routing.loop": Entry(
        _ASK,
        "Gói tin đã đi qua trục này hai lần (TraceHeader): trục dừng để tránh vòng lặp.",
        "The package has already passed this axis twice (TraceHeader): stopped to break a loop.",
        "Báo quản trị viên của trục kiểm tra cấu hình định tuyến giữa các trục.",
        "Ask the operators to check the routes between the axes.",
    ),
    "routing.sender-mismatch": Entry(
        _MEND,
        "Đơn vị ghi trong From ({claimed}) không phải đơn vị đã đăng nhập ({caller}).",
        "The unit in From ({claimed}) is not the unit that signed in ({caller}).",
        "Gửi bằng tài khoản kết nối của chính đơn vị ban hành, hoặc sửa From rồi ký và gửi lại.",
        "Send with the issuing unit's own credentials, or correct From, sign and send again.",
    ),
    "routing.unit-not-live": Entry(
        _ASK,
        "Đơn vị {code} đang ở trạng thái {state}, chưa được phép gửi qua trục.",
        "Unit {code} is {state} and may not send through the axis.",
        "Liên hệ quản trị viên của trục để mở kết nối.",
        "Ask the operators of the axis to open the connection.",
    ),
    "intake.conflict": Entry(
        _MEND,
        "Mã văn bản {document_id} đã được trục nhận lúc {received_at} với nội dung khác (mã gói {package_id}).",
        "DocumentId {document_id} was accepted at {received_at} with other content (package {package_id}).",
        "Nếu là văn bản mới, dùng mã văn bản mới; nếu sửa văn bản cũ, gửi nghiệp vụ cập nhật (2) hoặc thay thế (3).",
        "For a new document use a new DocumentId; to change the old one send an update (2) or a replacement (3).",
    ),
    "intake.state-secret": Entry(
        _MEND,
        "Gói tin có dấu hiệu độ mật ({marking}). Văn bản bí mật nhà nước không được gửi qua trục (QĐ 28/2018 Điều 1.2); trục không lưu nội dung.",
        "The package carries a state-secret marking ({marking}). Secret documents are out of scope (Decision 28/2018 Art. 1.2); no content was kept.",
        "Dừng gửi văn bản này qua mạng và báo người phụ trách bảo mật. Nếu là nhầm lẫn, bỏ dấu độ mật rồi gửi lại.",
        "Stop sending it electronically and tell your security officer. If it is a mistake, remove the marking and send again.",
    ),
    "intake.kind-mismatch": Entry(
        _MEND,
        "Loại gói tin khai báo là {declared} nhưng nội dung là {actual}.",
        "The package was announced as {declared} but it is a {actual}.",
        "Sửa messagetype (edoc cho văn bản, status cho trạng thái) rồi gửi lại.",
        "Correct messagetype (edoc for documents, status for statuses) and send again.",
    ),
    "intake.digest-mismatch": Entry(
        _MEND,
        "Nội dung nhận được không khớp mã băm đã khai báo: gói tin bị thay đổi hoặc bị cắt trên đường truyền.",
        "The bytes received do not match the announced digest: altered or cut on the way.",
        "Gửi lại; nếu vẫn lỗi, kiểm tra cách tính hash-file.",
        "Send again; if it persists, check how hash-file is computed.",
    ),
    "intake.empty": Entry(
        _MEND, "Gói tin rỗng.", "The package is empty.", "Kiểm tra tệp rồi gửi lại.", "Check the file and send again."
    ),
    "intake.too-large": Entry(
        _MEND,
        "Gói tin lớn hơn giới hạn {limit} byte của trục.",
        "The package is larger than the axis's limit of {limit} bytes.",
        "Giảm dung lượng tệp đính kèm hoặc tách văn bản rồi gửi lại.",
        "Make the attachments smaller or split the document, then send again.",
    ),
    "intake.code-too-long": Entry(
        _MEND,
        "Mã đơn vị '{code}' dài hơn {limit} ký tự.",
        "The agency code '{code}' is longer than {limit} characters.",
        "Sửa lại mã định danh theo quyết định cấp mã, ký và gửi lại.",
        "Correct the code after the decision that assigned it, sign and send again.",
    ),
    "intake.no-attachment": Entry(
        _MEND,
        "Văn bản mới phải có ít nhất một tệp đính kèm.",
        "A new document needs at least one attachment.",
        "Đính kèm tệp văn bản rồi ký và gửi lại.",
        "Attach the document file, sign and send again.",
    ),
    "intake.busy": Entry(
        _RETRY,
        "Trục đang nhận quá nhiều gói tin cùng lúc.",
        "The axis is taking in too many packages at this moment.",
        "Gửi lại sau ít giây; gói tin này chưa được nhận.",
        "Send again in a few seconds; this package was not taken.",
    ),
    "intake.disk-low": Entry(
        _RETRY,
        "Trục tạm ngừng nhận gói tin mới vì thiếu chỗ lưu trữ; việc phát vẫn tiếp tục.",
        "The axis takes no new packages because storage is short; delivery goes on.",
        "Gửi lại sau; quản trị viên đã được cảnh báo.",
        "Send again later; the operators have been warned.",
    ),
    "intake.stopping": Entry(
        _RETRY,
        "Trục đang khởi động lại.",
        "The axis is restarting.",
        "Gửi lại sau ít giây.",
        "Send again in a few seconds.",
    ),
    "status.unknown-document": Entry(
        _MEND,
        "Trạng thái nói về văn bản {document_id} của {sender} gửi cho {receiver}, nhưng trục không có lượt gửi nào như vậy.",
        "The status speaks of document {document_id} of {sender} for {receiver}, but the axis knows no such delivery.",
        "Kiểm tra ResponseFor (OrganId, DocumentId hoặc Code) rồi gửi lại.",
        "Check ResponseFor (OrganId, DocumentId or Code) and send again.",
    ),
    "status.illegal-move": Entry(
        _MEND,
        "Không thể chuyển từ trạng thái {origin} sang {target} cho văn bản {document_id}. Các bước hợp lệ: {legal}.",
        "Document {document_id} cannot move from {origin} to {target}. Legal next statuses: {legal}.",
        "Gửi một trạng thái hợp lệ; lần gửi này đã được ghi vào nhật ký.",
        "Send a legal status; this one was written to the journal.",
    ),
    "delivery.unknown": Entry(
        _MEND, "Không có lượt gửi {id}.", "There is no delivery {id}.",
        "Kiểm tra lại mã bằng `axis delivery list`.", "Check the id with `axis delivery list`.",
    ),
    "delivery.not-movable": Entry(
        _MEND,
        "Lượt gửi {id} đang ở trạng thái {state}, không thể {action}.",
        "Delivery {id} is {state} and cannot be {action}.",
        "Chỉ lượt gửi đang giữ lại hoặc bị từ chối mới gửi lại được; chỉ lượt gửi đang chờ mới giữ lại được.",
        "Only parked or refused deliveries can be replayed; only waiting ones can be parked.",
    ),
    "delivery.unknown-status": Entry(
        _MEND,
        "Trạng thái gói tin '{status}' không hợp lệ.",
        "Package status '{status}' is not known.",
        "Dùng done, fail hoặc processing.",
        "Use done, fail or processing.",
    ),
    "package.unknown": Entry(
        _MEND, "Không có gói tin {id}.", "There is no package {id}.",
        "Kiểm tra lại mã bằng `axis package list`.", "Check the id with `axis package list`.",
    ),
    "directory.unknown-unit": Entry(
        _MEND, "Không có đơn vị {code} trong danh mục.", "There is no unit {code} in the directory.",
        "Xem danh mục bằng `axis unit list`.", "See the directory with `axis unit list`.",
    ),
    "directory.code-taken": Entry(
        _MEND,
        "Mã {code} đã thuộc về đơn vị {owner}: một mã chỉ được trỏ tới một đơn vị.",
        "Code {code} belongs to unit {owner} already: one code names one unit.",
        "Dùng mã khác hoặc sửa đơn vị {owner} trước.",
        "Use another code or change unit {owner} first.",
    ),
    "directory.system-id-taken": Entry(
        _MEND,
        "System id {system_id} đã được cấp cho đơn vị {owner}.",
        "System id {system_id} is in use by unit {owner}.",
        "Dùng system id khác.",
        "Use another system id.",
    ),
    "directory.bad-code": Entry(
        _MEND,
        "Mã đơn vị '{code}' không đúng dạng cũ (000.00.00.G22) hoặc mới (G22.01).",
        "Unit code '{code}' has neither the old form (000.00.00.G22) nor the new one (G22.01).",
        "Sửa lại mã theo quyết định cấp mã.",
        "Correct it after the decision that assigned it.",
    ),
    "directory.bad-setting": Entry(
        _MEND,
        "Cấu hình kết nối {adapter} của đơn vị không hợp lệ: {detail}.",
        "The unit's {adapter} settings are not valid: {detail}.",
        "Sửa lại --setting; xem docs/adapter-guide.md.",
        "Correct --setting; see docs/adapter-guide.md.",
    ),
    "directory.unknown-adapter": Entry(
        _ASK,
        "Không có kiểu kết nối '{adapter}'. Có sẵn: {known}.",
        "There is no adapter '{adapter}'. Installed: {known}.",
        "Chọn một kiểu có sẵn hoặc cài gói cung cấp kiểu đó.",
        "Choose an installed kind or install the package that provides it.",
    ),
    "directory.weak-secret": Entry(
        _MEND,
        "Khoá bí mật quá ngắn ({length} ký tự), cần ít nhất 16.",
        "The secret is too short ({length} characters); at least 16 are needed.",
        "Dùng khoá dài hơn, hoặc để trục tự sinh.",
        "Use a longer one, or let the axis make it.",
    ),
    "directory.no-change": Entry(
        _MEND, "Không có gì để thay đổi.", "Nothing to change.", "Nêu ít nhất một giá trị mới.", "Name at least one new value."
    ),
    "directory.agency-not-through-api": Entry(
        _ASK,
        "Danh mục đơn vị do quản trị viên của trục quản lý, không sửa qua API.",
        "The directory is kept by the operators of the axis and is not changed through the API.",
        "Gửi đề nghị tới quản trị viên của trục.",
        "Ask the operators of the axis.",
    ),
    "directory.unknown-credential": Entry(
        _MEND, "Không có khoá kết nối {id} còn hiệu lực.", "There is no live credential {id}.",
        "Xem bằng `axis unit show`.", "See `axis unit show`.",
    ),
    "directory.unknown-anchor": Entry(
        _MEND, "Không có chứng thư gốc {fingerprint}.", "There is no trust anchor {fingerprint}.",
        "Xem danh sách bằng `axis trust list`.", "See `axis trust list`.",
    ),
}  # fmt: skip
