"""Words of the machine fronts: requests that cannot be understood, cut off, or too large."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_MEND_VI = "Sửa yêu cầu theo tài liệu kết nối của trục rồi gửi lại."
_MEND_EN = "Mend the request as the connection guide says, and send it again."
_AGAIN_VI = "Hãy gửi lại đúng yêu cầu này sau ít phút; gửi lặp không tạo ra văn bản thứ hai."
_AGAIN_EN = "Repeat the same request in a few minutes; a repeat never makes a second document."

ENTRIES: dict[str, Entry] = {
    "request.unknown-path": Entry(
        Remedy.MEND,
        "Trục không có dịch vụ ở địa chỉ này.",
        "The axis offers no service at this address.",
        "Kiểm tra địa chỉ (endpoint) và tên thao tác, phân biệt chữ hoa chữ thường.",
        "Check the endpoint and the name of the operation; case matters.",
    ),
    "request.method": Entry(
        Remedy.MEND,
        "Thao tác này không nhận phương thức HTTP {method}; phương thức đúng: {allowed}.",
        "This operation does not take the HTTP method {method}; the right one: {allowed}.",
        _MEND_VI,
        _MEND_EN,
    ),
    "request.malformed": Entry(
        Remedy.MEND,
        "Yêu cầu HTTP sai cú pháp.",
        "The HTTP request is malformed.",
        _MEND_VI,
        _MEND_EN,
    ),
    "request.head-too-large": Entry(
        Remedy.MEND,
        "Phần tiêu đề của yêu cầu HTTP quá lớn hoặc có quá nhiều dòng.",
        "The head of the HTTP request is too large or has too many lines.",
        "Không liệt kê nơi nhận trong tiêu đề: danh sách nơi nhận đã có trong gói tin. Sau đó gửi lại.",
        "Leave the receivers out of the headers: the package names them. Then send it again.",
    ),
    "request.head-slow": Entry(
        Remedy.RETRY,
        "Phần tiêu đề của yêu cầu HTTP đến quá chậm.",
        "The head of the HTTP request arrived too slowly.",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
    "request.too-many-connections": Entry(
        Remedy.RETRY,
        "Có quá nhiều kết nối cùng lúc từ một địa chỉ.",
        "Too many connections at once from one address.",
        "Đóng bớt kết nối đang mở rồi gửi lại.",
        "Close some of the open connections and try again.",
    ),
    "request.missing": Entry(
        Remedy.MEND,
        "Thiếu tham số {name} trong phần đã ký của yêu cầu.",
        "The parameter {name} is missing from the signed part of the request.",
        _MEND_VI,
        _MEND_EN,
    ),
    "request.unknown-value": Entry(
        Remedy.MEND,
        "Tham số {name} có giá trị trục không hiểu; giá trị được nhận: {allowed}.",
        "The parameter {name} has a value the axis does not know; accepted values: {allowed}.",
        _MEND_VI,
        _MEND_EN,
    ),
    "request.compressed": Entry(
        Remedy.MEND,
        "Trục không nhận nội dung yêu cầu đã nén (Content-Encoding).",
        "The axis takes no compressed request bodies (Content-Encoding).",
        "Gửi lại nội dung không nén.",
        "Send the body again uncompressed.",
    ),
    "request.too-large": Entry(
        Remedy.MEND,
        "Nội dung gửi lên lớn hơn giới hạn {limit} byte của trục.",
        "The body is larger than the limit of {limit} bytes.",
        "Giảm dung lượng tệp đính kèm hoặc tách thành nhiều văn bản rồi gửi lại.",
        "Make the attachments smaller or split them over several documents, and send again.",
    ),
    "request.too-slow": Entry(
        Remedy.RETRY,
        "Nội dung gửi lên đến quá chậm nên trục đã dừng nhận.",
        "The body arrived too slowly, so the axis stopped receiving.",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
    "request.cut-off": Entry(
        Remedy.RETRY,
        "Kết nối bị ngắt trước khi nhận đủ nội dung; không có gì được lưu.",
        "The connection broke before the whole body had arrived; nothing was kept.",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
    "request.busy": Entry(
        Remedy.RETRY,
        "Trục đang bận với nhiều yêu cầu cùng loại.",
        "The axis is busy with many requests of this kind.",
        _AGAIN_VI,
        _AGAIN_EN,
    ),
    "request.fault": Entry(
        Remedy.RETRY,
        "Trục gặp lỗi không lường trước. Mã sự cố: {report}.",
        "The axis met an unexpected error. Report id: {report}.",
        "Hãy gửi lại sau ít phút; nếu còn lỗi, báo mã sự cố này cho người vận hành.",
        "Try again in a few minutes; if it persists, tell the operator this report id.",
    ),
    "listener.parser": Entry(
        Remedy.OPERATOR,
        "Thư viện aiohttp đang chạy không có bộ phân tích HTTP biên dịch sẵn, nên trục không mở cổng.",
        "This aiohttp runs without its compiled HTTP parser, so the axis opens no port.",
        "Bỏ biến môi trường AIOHTTP_NO_EXTENSIONS và cài lại aiohttp từ gói nhị phân (wheel).",
        "Unset AIOHTTP_NO_EXTENSIONS and install aiohttp from a binary wheel.",
    ),
}
