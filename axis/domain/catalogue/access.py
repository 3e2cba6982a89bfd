"""Words of access: who is calling, and may they. None of them tells whether something exists that is not
the caller's."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_ASK_VI = "Liên hệ người vận hành trục, kèm mã hệ thống và thời điểm gọi."
_ASK_EN = "Contact the operator of the axis, with the system id and the time of the call."

ENTRIES: dict[str, Entry] = {
    "access.credentials": Entry(
        Remedy.OPERATOR,
        "Sai mã hệ thống hoặc khóa bí mật, hoặc chữ ký tiêu đề (hash-header) không khớp.",
        "Wrong system id or secret, or the header signature (hash-header) does not match.",
        "Kiểm tra lại mã hệ thống và khóa bí mật được cấp; chỉ dùng ký tự ASCII trong tiêu đề. Nếu vẫn lỗi, "
        "đề nghị người vận hành cấp lại khóa.",
        "Check the system id and secret that were issued; keep header values ASCII. If it still fails, "
        "ask the operator for a new secret.",
    ),
    "access.headers-disagree": Entry(
        Remedy.MEND,
        "Tiêu đề {header} không trùng với phần đã ký (sign-header), bị lặp, hoặc chỉ có ở một nơi.",
        "The header {header} differs from its signed value (sign-header), is repeated, or stands in one "
        "of the two only.",
        "Gửi lại với tiêu đề giống hệt nội dung đã ký; kiểm tra máy chủ trung gian có sửa tiêu đề hay không.",
        "Send it again with the header as signed; check whether a proxy on the way changes headers.",
    ),
    "access.stale": Entry(
        Remedy.MEND,
        "Dấu thời gian của yêu cầu lệch quá giới hạn đã đặt cho hệ thống này.",
        "The time stamp of the request is outside the limit set for this system.",
        "Đồng bộ đồng hồ và tạo lại đối tượng kết nối trước mỗi phiên làm việc, rồi gửi lại.",
        "Synchronise the clock, make a new service object for each session, and send again.",
    ),
    "access.unit-inactive": Entry(
        Remedy.OPERATOR,
        "Đơn vị sở hữu hệ thống này chưa được mở kết nối hoặc đã ngừng tham gia trục.",
        "The unit that owns this system is not connected yet, or has left the axis.",
        _ASK_VI,
        _ASK_EN,
    ),
    "access.unknown-document": Entry(
        Remedy.MEND,
        "Không có văn bản với mã này trong hộp thư của đơn vị.",
        "There is no document with this id in the unit's mailbox.",
        "Lấy lại danh sách văn bản và dùng đúng docId trong danh sách đó.",
        "Fetch the list again and use a docId from it.",
    ),
    "access.link": Entry(
        Remedy.MEND,
        "Liên kết tải gói tin không hợp lệ hoặc đã hết hạn.",
        "The link to the package is not valid, or has expired.",
        "Chờ trục gửi lại thông báo với liên kết mới, hoặc lấy văn bản qua API.",
        "Wait for the axis to notify again with a new link, or fetch the document through the API.",
    ),
}
