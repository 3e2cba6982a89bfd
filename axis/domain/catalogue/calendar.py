"""Words of the working calendar: what an operator typed, or a file of a year's decision, cannot be."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_MEND = Remedy.MEND
_NOTHING_VI = "Chưa ghi gì cả: sửa dòng này rồi nhập lại cả tệp."
_NOTHING_EN = "Nothing was written: correct this line and import the whole file again."

ENTRIES: dict[str, Entry] = {
    "calendar.hours": Entry(
        Remedy.OPERATOR,
        "Giờ làm việc '{text}' không hợp lệ ở đoạn '{part}'.",
        "The office hours '{text}' are not valid at '{part}'.",
        "Ghi các khoảng HH:MM-HH:MM theo thứ tự, không chồng nhau, ví dụ 08:00-12:00,13:00-17:00.",
        "Write intervals HH:MM-HH:MM in order, not overlapping, e.g. 08:00-12:00,13:00-17:00.",
    ),
    "calendar.morning": Entry(
        Remedy.OPERATOR,
        "Giờ kết thúc buổi sáng '{text}' không hợp lệ hoặc nằm ngoài giờ làm việc.",
        "The hour that ends the morning, '{text}', is not valid or lies outside office hours.",
        "Ghi HH:MM trong giờ làm việc, ví dụ 12:00.",
        "Write HH:MM within office hours, e.g. 12:00.",
    ),
    "calendar.no-column": Entry(
        _MEND,
        "Tệp lịch làm việc thiếu cột '{column}' ở dòng tiêu đề. Cần các cột: {known}.",
        "The calendar file has no column '{column}' in its first line. Needed: {known}.",
        "Thêm dòng tiêu đề, các cột cách nhau bằng dấu phẩy hoặc chấm phẩy, lưu dạng UTF-8.",
        "Add the heading, columns separated by commas or semicolons, and save it as UTF-8.",
    ),
    "calendar.bad-file": Entry(
        _MEND,
        "Không đọc được tệp lịch làm việc ở dòng {line}: {detail}.",
        "The calendar file cannot be read at line {line}: {detail}.",
        "Lưu lại tệp dạng CSV, mã hoá UTF-8, rồi nhập lại.",
        "Save the file again as CSV in UTF-8 and import it again.",
    ),
    "calendar.too-many-cells": Entry(
        _MEND,
        "Dòng {line}, cột {column}: dòng có nhiều ô hơn dòng tiêu đề.",
        "Line {line}, column {column}: the line has more cells than the heading.",
        "Đặt tên có dấu phẩy trong ngoặc kép. Chưa ghi gì cả.",
        "Put a name that holds a comma into quotes. Nothing was written.",
    ),
    "calendar.bad-character": Entry(
        _MEND,
        "Dòng {line}, cột {column}: có ký tự không nhìn thấy ({found}).",
        "Line {line}, column {column}: there is a character nobody can see ({found}).",
        "Xoá ô rồi gõ lại bằng tay. Chưa ghi gì cả.",
        "Clear the cell and type it again. Nothing was written.",
    ),
    "calendar.name-long": Entry(
        _MEND,
        "Dòng {line}, cột {column}: ô dài {length} ký tự, nhiều nhất {limit}.",
        "Line {line}, column {column}: the cell has {length} characters, at most {limit}.",
        "Viết tên ngày ngắn lại. Chưa ghi gì cả.",
        "Give the day a shorter name. Nothing was written.",
    ),
    "calendar.empty-cell": Entry(
        _MEND,
        "Dòng {line}, cột {column}: ô bị bỏ trống.",
        "Line {line}, column {column}: the cell is empty.",
        _NOTHING_VI,
        _NOTHING_EN,
    ),
    "calendar.bad-date": Entry(
        _MEND,
        "Dòng {line}, cột {column}: '{value}' không phải là ngày viết dạng 2019-01-05 hoặc 05/01/2019.",
        "Line {line}, column {column}: '{value}' is no date written 2019-01-05 or 05/01/2019.",
        _NOTHING_VI,
        _NOTHING_EN,
    ),
    "calendar.unknown-kind": Entry(
        _MEND,
        "Dòng {line}, cột {column}: không có loại ngày '{value}'. Các loại: {known} (nghỉ lễ, nghỉ bù, làm bù).",
        "Line {line}, column {column}: there is no kind of day '{value}'. Known: {known}.",
        _NOTHING_VI,
        _NOTHING_EN,
    ),
    "calendar.outside-year": Entry(
        _MEND,
        "Dòng {line}, cột {column}: ngày {day} không thuộc năm {year}.",
        "Line {line}, column {column}: {day} is not in the year {year}.",
        "Ghi mỗi năm một tệp, kể cả khi quyết định hoán đổi qua hai năm. Chưa ghi gì cả.",
        "Import one file per year, even when a swap reaches over two years. Nothing was written.",
    ),
    "calendar.day-twice": Entry(
        _MEND,
        "Dòng {line}, cột {column}: ngày {day} đã có ở dòng {first}.",
        "Line {line}, column {column}: {day} stands on line {first} already.",
        _NOTHING_VI,
        _NOTHING_EN,
    ),
    "calendar.row-worked-anyway": Entry(
        _MEND,
        "Dòng {line}, cột {column}: {day} vốn là ngày làm việc, không thể là ngày làm bù.",
        "Line {line}, column {column}: {day} is a working day anyway and cannot be worked in exchange.",
        _NOTHING_VI,
        _NOTHING_EN,
    ),
    "calendar.worked-anyway": Entry(
        _MEND,
        "Ngày {day} vốn là ngày làm việc, không thể là ngày làm bù.",
        "{day} is a working day anyway and cannot be worked in exchange.",
        "Kiểm tra lại ngày: thường là một thứ Bảy.",
        "Check the day: it is usually a Saturday.",
    ),
    "calendar.no-decision": Entry(
        _MEND,
        "Chưa nêu quyết định hoặc thông báo làm căn cứ cho lịch nghỉ của năm {year}.",
        "The decision or notice that the year {year} rests on is not given.",
        "Ghi số, ngày và cơ quan ban hành vào --decision.",
        "Give its number, date and issuer with --decision.",
    ),
    "calendar.unknown-year": Entry(
        _MEND,
        "Chưa ai nhập lịch nghỉ của năm {year}, nên không có gì để xoá.",
        "Nobody entered the calendar of {year}: there is nothing to forget.",
        "Xem các năm đã nhập: axis calendar show {year}.",
        "See what is known: axis calendar show {year}.",
    ),
    "calendar.unknown-day": Entry(
        _MEND,
        "Ngày {day} không có trong các ngày do đơn vị vận hành nhập.",
        "{day} is not among the days entered here.",
        "Ngày từ thư viện hoặc bảng kèm theo không xoá được: đặt lại bằng axis calendar set.",
        "Days of the library or of the shipped table cannot be removed: set them anew with axis calendar set.",
    ),
}
