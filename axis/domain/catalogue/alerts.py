"""Words of alerts: whom they cannot be told to, and why a message has not arrived yet."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_AGAIN_VI = "Trục sẽ gửi lại, thưa dần tới mỗi ngày một lần; xem bằng axis alert messages --waiting."
_AGAIN_EN = "The axis tries again, at last once a day; see axis alert messages --waiting."

ENTRIES: dict[str, Entry] = {
    "alert.bad-contact": Entry(
        Remedy.OPERATOR,
        "'{address}' không phải là địa chỉ thư điện tử mà trục gửi được.",
        "'{address}' is no e-mail address the axis can send to.",
        "Ghi một địa chỉ dạng van-thu@don-vi.gov.vn, không kèm tên, không dấu.",
        "Write one address such as clerk@unit.gov.vn, without a name and in ASCII.",
    ),
    "alert.no-secret": Entry(
        Remedy.OPERATOR,
        "Đơn vị {code} có địa chỉ nhận cảnh báo nhưng chưa có khoá webhook để ký; cảnh báo không bao giờ gửi mà không ký.",
        "Unit {code} has an address for alerts but no webhook secret to sign them with; none is sent unsigned.",
        "Tạo khoá bằng axis unit rotate {code} --webhook và giao cho đơn vị.",
        "Make one with axis unit rotate {code} --webhook and hand it to the unit.",
    ),
    "alert.mail-off": Entry(
        Remedy.OPERATOR,
        "Chưa cấu hình máy chủ thư (mail.host), nên thư cảnh báo nằm chờ.",
        "No mail server is configured (mail.host), so alerts by e-mail wait.",
        "Điền mục [mail] của cấu hình rồi khởi động lại; thư đang chờ sẽ được gửi.",
        "Fill in section [mail] of the configuration and restart; what waits will be sent.",
    ),
    "alert.mail-security": Entry(
        Remedy.OPERATOR,
        "mail.security là '{value}'; chỉ có none, starttls và tls.",
        "mail.security is '{value}'; there are only none, starttls and tls.",
        "Sửa mục [mail] của cấu hình.",
        "Correct section [mail] of the configuration.",
    ),
    "alert.mail-sender": Entry(
        Remedy.OPERATOR,
        "mail.sender là '{value}', không phải là địa chỉ để gửi thư cảnh báo.",
        "mail.sender is '{value}', which is no address alerts can come from.",
        "Ghi một địa chỉ của đơn vị vận hành, ví dụ truc-lien-thong@don-vi.gov.vn.",
        "Write an address of the operators, such as axis@unit.gov.vn.",
    ),
    "alert.mail-in-clear": Entry(
        Remedy.OPERATOR,
        "mail.username có giá trị trong khi mail.security là none: mật khẩu sẽ đi qua mạng không mã hoá.",
        "mail.username is set while mail.security is none: the password would travel in clear.",
        "Dùng starttls hoặc tls, hoặc bỏ trống mail.username.",
        "Use starttls or tls, or leave mail.username empty.",
    ),
    "alert.mail-login": Entry(
        Remedy.OPERATOR,
        "Máy chủ thư không cho đăng nhập ({why}).",
        "The mail server does not let the axis log in ({why}).",
        "Kiểm tra mail.username và tệp mail.password_file. " + _AGAIN_VI,
        "Check mail.username and the file mail.password_file. " + _AGAIN_EN,
    ),
    "alert.mail-refused": Entry(
        Remedy.RETRY,
        "Máy chủ thư trả lời {status} {answer}.",
        "The mail server answered {status} {answer}.",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
    "alert.answered": Entry(
        Remedy.RETRY,
        "Hệ thống nhận cảnh báo trả lời HTTP {status}, không phải 2xx.",
        "The system that hears of deadlines answered HTTP {status}, not 2xx.",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
    "alert.silent": Entry(
        Remedy.RETRY,
        "Không có trả lời trong {seconds} giây.",
        "No answer within {seconds} seconds.",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
    "alert.unreachable": Entry(
        Remedy.RETRY,
        "Không nói chuyện được với máy nhận ({why}).",
        "The other machine cannot be talked to ({why}).",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
    "alert.failed": Entry(
        Remedy.RETRY,
        "Không soạn được cảnh báo ({why}).",
        "The alert could not be written ({why}).",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
}
