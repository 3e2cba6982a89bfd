"""Refusals of configuration and of the machine."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_ASK = Remedy.OPERATOR

ENTRIES: dict[str, Entry] = {
    "config.unreadable": Entry(
        _ASK,
        "Không đọc được tệp cấu hình {file}: {detail}.",
        "The configuration file {file} cannot be read: {detail}.",
        "Sửa tệp theo mẫu config/axis.toml.",
        "Correct it after config/axis.toml.",
    ),
    "config.unknown": Entry(
        _ASK,
        "Không có mục cấu hình '{name}'. Các mục hợp lệ: {known}.",
        "There is no setting '{name}'. Known: {known}.",
        "Kiểm tra chính tả; xem config/axis.toml.",
        "Check the spelling; see config/axis.toml.",
    ),
    "config.wrong": Entry(
        _ASK,
        "Giá trị của mục cấu hình '{name}' không hợp lệ: {why}.",
        "The value of setting '{name}' is not valid: {why}.",
        "Sửa giá trị; xem ý nghĩa trong config/axis.toml.",
        "Correct it; its meaning stands in config/axis.toml.",
    ),
    "setup.address": Entry(
        _ASK,
        "Không mở được địa chỉ {address}: {detail}.",
        "Cannot listen on {address}: {detail}.",
        "Chọn HOST:PORT khác hoặc dừng chương trình đang dùng cổng này.",
        "Choose another HOST:PORT or stop the program that uses it.",
    ),
    "setup.data-folder": Entry(
        _ASK,
        "Không dùng được thư mục dữ liệu {directory}: {detail}.",
        "The data folder {directory} cannot be used: {detail}.",
        "Tạo thư mục và cấp quyền ghi, hoặc chọn --data khác.",
        "Create it with write permission, or choose another --data.",
    ),
    "setup.file": Entry(
        _ASK,
        "Không đọc được tệp {file}: {detail}.",
        "File {file} cannot be read: {detail}.",
        "Kiểm tra đường dẫn và quyền đọc.",
        "Check the path and its permissions.",
    ),
}
