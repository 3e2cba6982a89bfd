"""Words about the ways out: forbidden addresses, webhook signatures, adapter settings, answers of peers."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_FIX_ADDRESS_VI = "Hãy sửa địa chỉ kết nối của đơn vị."
_FIX_ADDRESS_EN = "Correct the unit's connection address."
_RETRY_VI = "Trục sẽ tự gửi lại; không cần thao tác gì."
_RETRY_EN = "The axis sends again by itself; nothing needs to be done."
_TELL_UNIT_VI = "Trục sẽ tiếp tục gửi lại; hãy báo cho người quản trị hệ thống của đơn vị nhận."
_TELL_UNIT_EN = "The axis keeps trying; tell the administrator of the receiving unit's system."
_SIGN_VI = "Hãy kiểm tra khoá bí mật webhook và cách ký theo Standard Webhooks 1.0."
_SIGN_EN = "Check the webhook secret and the signing as in Standard Webhooks 1.0."


def _operator(vi: str, en: str, do_vi: str, do_en: str) -> Entry:
    return Entry(Remedy.OPERATOR, vi, en, do_vi, do_en)


def _retry(vi: str, en: str, do_vi: str = _RETRY_VI, do_en: str = _RETRY_EN) -> Entry:
    return Entry(Remedy.RETRY, vi, en, do_vi, do_en)


ENTRIES: dict[str, Entry] = {
    # where the axis will not send
    "outbound.url": _operator(
        "Địa chỉ {url} không phải là một URL hợp lệ.",
        "{url} is not a valid URL.",
        _FIX_ADDRESS_VI,
        _FIX_ADDRESS_EN,
    ),
    "outbound.scheme": _operator(
        "Trục chỉ gọi ra ngoài bằng http hoặc https, không dùng “{scheme}”.",
        "The axis calls out by http or https only, never by '{scheme}'.",
        _FIX_ADDRESS_VI,
        _FIX_ADDRESS_EN,
    ),
    "outbound.plain-http": _operator(
        "Địa chỉ máy {host} dùng http không mã hoá, trong khi cấu hình của trục chỉ cho phép https.",
        "The address of {host} is plain http, and this axis is configured to use https only.",
        "Hãy đổi sang https, hoặc bật http trong cấu hình nếu đó là mạng nội bộ tin cậy.",
        "Use https, or allow http in the configuration if this is a trusted inner network.",
    ),
    "outbound.userinfo": _operator(
        "Địa chỉ của máy {host} chứa tên người dùng hoặc mật khẩu; trục không lưu mật khẩu trong địa chỉ.",
        "The address of {host} carries a user name or password; the axis keeps none in an address.",
        "Hãy bỏ phần trước dấu @ và khai báo thông tin xác thực ở mục khoá bí mật của đơn vị.",
        "Remove the part before the @ and enter the credential among the unit's secrets.",
    ),
    "outbound.spelling": _operator(
        "Máy “{host}” viết dạng số nhưng không phải địa chỉ IP thông thường, có thể bị hiểu khác nhau.",
        "The host '{host}' is a number but no ordinary IP address; programs may read it differently.",
        "Hãy viết địa chỉ IPv4 dạng bốn số thập phân (ví dụ 203.113.1.2), IPv6 chuẩn, hoặc dùng tên miền.",
        "Write IPv4 as four decimal numbers (such as 203.113.1.2), plain IPv6, or use a name.",
    ),
    "outbound.disguise": _operator(
        "Địa chỉ {address} là IPv6 chứa một địa chỉ IPv4 bên trong; trục không gửi qua dạng này.",
        "{address} is an IPv6 address with an IPv4 address inside; the axis does not send to such.",
        "Hãy khai báo trực tiếp địa chỉ IPv4.",
        "Enter the IPv4 address itself.",
    ),
    "outbound.address": _operator(
        "Địa chỉ {address} thuộc mạng nội bộ hoặc mạng dành riêng, chưa được phép gửi tới.",
        "{address} lies in a private or reserved network that is not approved for sending.",
        "Nếu đây đúng là máy của đơn vị, hãy thêm mạng đó vào danh sách mạng được phép gửi ra.",
        "If this really is the unit's machine, add its network to the approved outbound networks.",
    ),
    "outbound.metadata": _operator(
        "Địa chỉ {address} là máy cấp thông tin bí mật của nền tảng đám mây; trục không bao giờ gửi tới đó.",
        "{address} is a cloud platform's metadata machine, which hands out secrets; nothing is sent there.",
        _FIX_ADDRESS_VI,
        _FIX_ADDRESS_EN,
    ),
    "outbound.redirect": _operator(
        "Máy của đơn vị trả lời {status} để chuyển hướng sang địa chỉ khác; trục không đi theo chuyển hướng.",
        "The unit's machine answered {status}, a redirect to another address; the axis follows none.",
        "Hãy khai báo thẳng địa chỉ cuối cùng.",
        "Enter the final address itself.",
    ),
    "outbound.network": _operator(
        "“{network}” không phải là một dải mạng hợp lệ.",
        "'{network}' is not a valid network.",
        "Hãy viết dạng CIDR, ví dụ 10.0.0.0/8, với các bit máy bằng 0.",
        "Write it in CIDR form, such as 10.0.0.0/8, with no host bits set.",
    ),
    # webhook signatures
    "webhook.secret": _operator(
        "Khoá bí mật webhook không đúng dạng (cần {prefix} kèm base64, đủ độ dài).",
        "The webhook secret has the wrong form (needed: {prefix} followed by base64 of the right length).",
        "Hãy tạo lại khoá trên trang của đơn vị hoặc bằng lệnh axis.",
        "Make a new one on the unit's page or with the axis command.",
    ),
    "webhook.secret-missing": _operator(
        "Kết nối webhook của đơn vị chưa có khoá để ký (whsec_ hoặc whsk_).",
        "The unit's webhook connection has no secret to sign with (whsec_ or whsk_).",
        "Hãy tạo khoá và giao cho đơn vị trước khi mở kết nối.",
        "Make one and hand it to the unit before opening the connection.",
    ),
    "webhook.header-missing": _operator(
        "Lời gọi webhook thiếu tiêu đề {header}.",
        "The webhook call lacks the header {header}.",
        _SIGN_VI,
        _SIGN_EN,
    ),
    "webhook.header-wrong": _operator(
        "Tiêu đề webhook-id “{id}” hoặc webhook-timestamp “{timestamp}” không hợp lệ.",
        "The header webhook-id '{id}' or webhook-timestamp '{timestamp}' is malformed.",
        _SIGN_VI,
        _SIGN_EN,
    ),
    "webhook.stale": _operator(
        "Thời điểm ký webhook lệch {seconds} giây so với đồng hồ máy này, quá mức cho phép {tolerance} giây.",
        "The webhook was signed {seconds} seconds away from this machine's clock; {tolerance} are allowed.",
        "Hãy đồng bộ đồng hồ (NTP); nếu là lời gọi cũ được phát lại thì bỏ qua.",
        "Synchronise the clocks (NTP); if it is an old call played again, ignore it.",
    ),
    "webhook.signature": _operator(
        "Không có chữ ký webhook nào khớp với các khoá đang dùng.",
        "No signature of the webhook call matches a secret in use.",
        _SIGN_VI,
        _SIGN_EN,
    ),
    # settings of a connection
    "adapter.setting-unknown": _operator(
        "Kiểu kết nối này không có thiết lập: {names}.",
        "This kind of connection has no such setting: {names}.",
        "Hãy xoá hoặc sửa tên thiết lập; các tên dùng được: {known}.",
        "Remove it or correct its name; known are: {known}.",
    ),
    "adapter.setting-missing": _operator(
        "Kết nối còn thiếu thiết lập: {names}.",
        "The connection lacks the setting: {names}.",
        "Hãy bổ sung rồi lưu lại.",
        "Add it and save again.",
    ),
    "adapter.setting-wrong": _operator(
        "Thiết lập “{name}” của kết nối không dùng được: {why}.",
        "The connection's setting '{name}' cannot be used: {why}.",
        "Hãy sửa giá trị rồi lưu lại.",
        "Correct the value and save again.",
    ),
    # what a peer answered, or did not
    "delivery.busy": _retry(
        "Hệ thống của đơn vị nhận đang bận hoặc tạm ngừng (HTTP {status}).",
        "The receiving unit's system is busy or paused (HTTP {status}).",
    ),
    "delivery.broken": _retry(
        "Hệ thống của đơn vị nhận báo lỗi bên trong (HTTP {status}): {answer}",
        "The receiving unit's system reports an error of its own (HTTP {status}): {answer}",
        _TELL_UNIT_VI,
        _TELL_UNIT_EN,
    ),
    "delivery.gone": _retry(
        "CẢNH BÁO: hệ thống của đơn vị nhận báo địa chỉ này ĐÃ BỊ GỠ BỎ (HTTP 410); văn bản vẫn chờ gửi.",
        "WARNING: the receiving unit's system says this address is GONE (HTTP 410); the document waits.",
        "Hãy liên hệ ngay với đơn vị để lấy địa chỉ mới; trục không tự ngắt kết nối.",
        "Contact the unit now for its new address; the axis does not disconnect it by itself.",
    ),
    "delivery.not-let-in": _retry(
        "Hệ thống của đơn vị nhận không cho trục vào (HTTP {status}): sai khoá hoặc sai địa chỉ?",
        "The receiving unit's system does not let the axis in (HTTP {status}): wrong secret or address?",
        _TELL_UNIT_VI,
        _TELL_UNIT_EN,
    ),
    "delivery.unexpected": _retry(
        "Hệ thống của đơn vị nhận trả lời không như đã thoả thuận (HTTP {status}): {answer}",
        "The receiving unit's system did not answer as agreed (HTTP {status}): {answer}",
        _TELL_UNIT_VI,
        _TELL_UNIT_EN,
    ),
    "delivery.redirected": _retry(
        "Hệ thống của đơn vị nhận chuyển hướng sang nơi khác (HTTP {status}); trục không đi theo.",
        "The receiving unit's system redirects elsewhere (HTTP {status}); the axis does not follow.",
        "Hãy khai báo thẳng địa chỉ cuối cùng của đơn vị; trục vẫn tiếp tục gửi lại.",
        "Enter the unit's final address; the axis keeps trying.",
    ),
    "delivery.too-early": _retry(
        "Hệ thống của đơn vị nhận trả lời khi chưa nhận đủ nội dung (HTTP {status}): chưa coi là đã nhận.",
        "The receiving unit's system answered before it had the whole parcel (HTTP {status}).",
    ),
    "delivery.timeout": _retry(
        "Hệ thống của đơn vị nhận không trả lời kịp (chờ {seconds} giây).",
        "The receiving unit's system did not answer in time (waited {seconds} seconds).",
    ),
    "delivery.unreachable": _retry(
        "Không kết nối được tới hệ thống của đơn vị nhận ({why}).",
        "The receiving unit's system cannot be reached ({why}).",
    ),
    "delivery.name-unknown": _retry(
        "Không tra được tên máy của đơn vị nhận trong DNS.",
        "The receiving unit's host name cannot be found in DNS.",
        _TELL_UNIT_VI,
        _TELL_UNIT_EN,
    ),
    "delivery.tls": _retry(
        "Không mã hoá được kết nối với đơn vị nhận: chứng thư máy chủ sai hoặc hết hạn, hoặc không có TLS.",
        "No encrypted connection with the receiving unit: wrong or expired certificate, or no TLS there.",
        _TELL_UNIT_VI,
        _TELL_UNIT_EN,
    ),
    "delivery.interrupted": _retry(
        "Kết nối với đơn vị nhận bị đứt hoặc câu trả lời không đọc được ({why}).",
        "The connection with the receiving unit broke, or its answer cannot be read ({why}).",
    ),
    "delivery.changed": _retry(
        "Nội dung đọc từ kho khác với lúc tiếp nhận ({why}); bản gửi bị dừng lại.",
        "The bytes read from the store differ from those accepted ({why}); sending was stopped.",
        "Hãy kiểm tra kho lưu trữ ngay.",
        "Check the payload store now.",
    ),
    "delivery.storage": _retry(
        "Không ghi được vào nơi nhận ({why}).",
        "The destination cannot be written ({why}).",
        "Hãy kiểm tra thư mục, quyền ghi và dung lượng đĩa.",
        "Check the folder, its permissions and the free space.",
    ),
    "delivery.waits": _retry(
        "Chờ hệ thống của đơn vị tự kết nối để lấy về.",
        "Waits to be fetched by the unit's own system.",
    ),
    # health of a connection
    "probe.answered": _retry(
        "Hệ thống của đơn vị đã trả lời: {answer}.", "The unit's system answered: {answer}.", "", ""
    ),
    "probe.untried": _retry(
        "Đã cấu hình, nhưng chưa có gì chứng tỏ kết nối hoạt động.",
        "Configured, but nothing shows yet that the connection works.",
        "Hãy gửi thử một văn bản.",
        "Send a trial document.",
    ),
    "probe.never-called": _retry(
        "Đã cấu hình, nhưng hệ thống của đơn vị chưa gọi tới lần nào.",
        "Configured, but the unit's system has never called.",
        "Hãy đề nghị đơn vị chạy thử phần mềm kết nối.",
        "Ask the unit to start its connector.",
    ),
    "probe.called": _retry(
        "Hệ thống của đơn vị gọi tới lần cuối lúc {time}.", "The unit's system last called at {time}.", "", ""
    ),
    "probe.silent": _retry(
        "Hệ thống của đơn vị không gọi tới từ {time}.",
        "The unit's system has not called since {time}.",
        "Hãy hỏi người quản trị hệ thống của đơn vị.",
        "Ask the administrator of the unit's system.",
    ),
}
