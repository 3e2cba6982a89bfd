"""Words of the reports: periods, units and formats that cannot be understood."""

from __future__ import annotations

from axis.domain.catalogue.entry import Entry, Remedy

_LIST_VI = "Xem danh sách báo cáo: axis report list, hoặc GET /api/v1/reports."
_LIST_EN = "See the list of reports: axis report list, or GET /api/v1/reports."

ENTRIES: dict[str, Entry] = {
    "report.unknown": Entry(
        Remedy.MEND,
        "Trục không có báo cáo {name}.",
        "The axis has no report {name}.",
        _LIST_VI,
        _LIST_EN,
    ),
    "report.unknown-unit": Entry(
        Remedy.MEND,
        "Không có đơn vị mang mã {code}, hoặc báo cáo của đơn vị đó không dành cho bên yêu cầu.",
        "No unit has the code {code}, or its reports are not for whoever asks.",
        "Kiểm tra mã đơn vị trong danh bạ của trục.",
        "Check the unit's code in the directory of the axis.",
    ),
    "report.unit-needed": Entry(
        Remedy.MEND,
        "Sổ {name} là sổ của một đơn vị, nên cần mã đơn vị.",
        "The register {name} belongs to one unit, so the unit's code is needed.",
        "Thêm --unit MÃ rồi chạy lại.",
        "Add --unit CODE and run it again.",
    ),
    "report.no-counterpart": Entry(
        Remedy.MEND,
        "Báo cáo {name} không lọc được theo một đơn vị đối ứng: số phải có được đếm theo gói, một gói có nhiều nơi nhận.",
        "The report {name} cannot be narrowed to a counterpart: what is expected is counted by package, and a package "
        "has several receivers.",
        "Bỏ --with (tham số with) rồi chạy lại.",
        "Leave out --with (the parameter with) and run it again.",
    ),
    "report.file-exists": Entry(
        Remedy.MEND,
        "Tệp {file} đã có, nên không bị ghi đè.",
        "The file {file} exists already, so it was not written over.",
        "Chọn tên khác, hoặc thêm --force để thay tệp đó.",
        "Choose another name, or add --force to replace that file.",
    ),
    "report.no-file": Entry(
        Remedy.MEND,
        "{file} không phải là tệp thường, nên không thể bị thay bằng một báo cáo.",
        "{file} is no ordinary file, so a report cannot take its place.",
        "Chọn tên khác cho tệp, hoặc bỏ --output để chuyển kết quả sang lệnh khác.",
        "Choose another name for the file, or leave out --output to pipe the result into another command.",
    ),
    "report.empty-parameter": Entry(
        Remedy.MEND,
        "Tham số {name} để trống.",
        "The parameter {name} is empty.",
        "Ghi giá trị cho tham số, hoặc bỏ hẳn tham số đó, rồi gửi lại.",
        "Give the parameter a value, or leave it out altogether, and send again.",
    ),
    "report.bad-period": Entry(
        Remedy.MEND,
        "Không hiểu kỳ báo cáo {text}.",
        "The period {text} is not understood.",
        "Ghi ngày dạng 2019-06-03, tuần 2019-W23, tháng 2019-06, quý 2019Q2, nửa năm 2019H1, năm 2019 (từ 2000 đến 2099).",
        "Write a day as 2019-06-03, a week as 2019-W23, a month as 2019-06, a quarter as 2019Q2, half a year as 2019H1, "
        "a year as 2019 (2000 to 2099).",
    ),
    "report.period-order": Entry(
        Remedy.MEND,
        "Kỳ báo cáo bắt đầu ({first}) sau khi kết thúc ({last}).",
        "The period begins ({first}) after its end ({last}).",
        "Đổi chỗ hai ngày; cả hai ngày đều được tính vào kỳ.",
        "Swap the two days; both are part of the period.",
    ),
    "report.period-years": Entry(
        Remedy.MEND,
        "Kỳ từ {first} đến {last} nằm ngoài các năm {low}–{high}.",
        "The period from {first} to {last} is outside the years {low} to {high}.",
        "Kiểm tra năm của hai ngày rồi thử lại.",
        "Check the years of the two days and try again.",
    ),
    "report.period-conflict": Entry(
        Remedy.MEND,
        "Kỳ báo cáo được nêu theo nhiều cách cùng lúc, hoặc thiếu một đầu.",
        "The period is given in several ways at once, or one end of it is missing.",
        "Chọn một cách: cả từ ngày lẫn đến ngày, hoặc một ngày, tuần, tháng, quý, nửa năm hay năm.",
        "Choose one: both from and to, or one day, week, month, quarter, half or year.",
    ),
    "report.period-too-long": Entry(
        Remedy.MEND,
        "Kỳ báo cáo dài {days} ngày, quá giới hạn {limit} ngày.",
        "The period has {days} days, more than the limit of {limit}.",
        "Chia thành nhiều kỳ ngắn hơn.",
        "Divide it into shorter periods.",
    ),
    "report.bad-format": Entry(
        Remedy.MEND,
        "Không có định dạng {format}; các định dạng: {allowed}.",
        "There is no format {format}; the formats are: {allowed}.",
        "Chọn một định dạng trong danh sách.",
        "Choose one of the list.",
    ),
    "report.bad-parameter": Entry(
        Remedy.MEND,
        "Tham số {name} không được nhận ở đây, hoặc đứng hai lần; các tham số: {allowed}.",
        "The parameter {name} is not taken here, or stands twice; the parameters are: {allowed}.",
        "Bỏ hoặc sửa tham số rồi gửi lại.",
        "Leave the parameter out or mend it, and send again.",
    ),
    "report.no-terminal": Entry(
        Remedy.MEND,
        "Tệp xlsx không hiện được trên màn hình dòng lệnh.",
        "An xlsx file cannot be shown in a terminal.",
        "Thêm --output TỆP, hoặc chuyển kết quả sang một lệnh khác.",
        "Add --output FILE, or pipe the result into another command.",
    ),
}
