"""What a transport ministry writes about: realistic themes of 2019, invented persons.

Each theme names the department that drafts it, its subject with placeholders, and the units it is
naturally addressed to. Themes, not history: no line here is a real document, no name a real person.
"""

from __future__ import annotations

from dataclasses import dataclass

# short names of the units' codes, for the tables below
DB, DS, TH, HH, HK, DK, XD, YT = (f"000.00.{n:02d}.G04" for n in range(1, 9))
ALL = (DB, DS, TH, HH, HK, DK, XD, YT)
FIVE = (DB, DS, TH, HH, HK)


@dataclass(frozen=True, slots=True)
class Department:
    """``notation``: what stands after BGTVT- in an official letter."""

    notation: str
    head: str
    sphere: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    department: str
    subject: str
    receivers: tuple[str, ...]


DEPARTMENTS: dict[str, Department] = {
    "VT": Department("VT", "Vụ trưởng Vụ Vận tải", "Vận tải", ("Trần Hữu Bách", "Lê Thị Minh Nguyệt")),
    "ATGT": Department("ATGT", "Vụ trưởng Vụ An toàn giao thông", "An toàn giao thông", ("Đỗ Quang Thịnh",)),
    "KCHT": Department(
        "KCHT", "Vụ trưởng Vụ Kết cấu hạ tầng giao thông", "Kết cấu hạ tầng", ("Phạm Đức Trường",)
    ),
    "KHĐT": Department("KHĐT", "Vụ trưởng Vụ Kế hoạch - Đầu tư", "Kế hoạch - Đầu tư", ("Nguyễn Khắc Uy",)),
    "TC": Department("TC", "Vụ trưởng Vụ Tài chính", "Tài chính", ("Hoàng Thị Bích Đào",)),
    "PC": Department("PC", "Vụ trưởng Vụ Pháp chế", "Pháp chế", ("Vũ Đình Khải", "Bùi Thị Thanh Hằng")),
    "KHCN": Department(
        "KHCN", "Vụ trưởng Vụ Khoa học - Công nghệ", "Khoa học - Công nghệ", ("Đặng Xuân Lộc",)
    ),
    "TCCB": Department("TCCB", "Vụ trưởng Vụ Tổ chức cán bộ", "Tổ chức cán bộ", ("Ngô Thế Vỹ",)),
    "CQLXD": Department(
        "CQLXD", "Cục trưởng Cục Quản lý xây dựng và CLCTGT", "Quản lý xây dựng", ("Lương Văn Kiệm",)
    ),
    "VP": Department(
        "VP", "Chánh Văn phòng Bộ", "Hành chính - Văn thư", ("Dương Thị Ánh Tuyết", "Hồ Sỹ Nhuận")
    ),
}

LEADERS: tuple[tuple[str, str, str], ...] = (
    ("", "BỘ TRƯỞNG", "Nguyễn Vĩnh Khang"),
    ("KT. BỘ TRƯỞNG", "THỨ TRƯỞNG", "Lý Trọng Nghĩa"),
    ("KT. BỘ TRƯỞNG", "THỨ TRƯỞNG", "Đoàn Thị Hạ Uyên"),
    ("KT. BỘ TRƯỞNG", "THỨ TRƯỞNG", "Phan Bỉnh Thuận"),
)

PLACES: dict[str, tuple[str, ...]] = {
    "tinh": (
        "Nghệ An", "Thanh Hóa", "Quảng Ninh", "Lào Cai", "Cà Mau", "Bình Thuận", "Đắk Lắk", "Kiên Giang",
        "Hà Giang", "Quảng Ngãi", "Thừa Thiên Huế", "Sóc Trăng", "Lạng Sơn", "Bình Định", "Đồng Tháp",
    ),
    "quoclo": ("1", "5", "6", "14", "18", "20", "32", "37", "51", "61", "91", "279"),
    "du_an": (
        "cao tốc Bắc - Nam phía Đông", "cao tốc Trung Lương - Mỹ Thuận", "cầu Mỹ Thuận 2",
        "cải tạo, nâng cấp tuyến Hà Nội - Thành phố Hồ Chí Minh", "luồng cho tàu biển lớn vào sông Hậu",
        "đường Hồ Chí Minh đoạn Chơn Thành - Đức Hòa", "nâng cấp Quốc lộ 30",
        "tuyến tránh thành phố Long Xuyên",
    ),
    "cang_bien": ("Hải Phòng", "Cái Mép - Thị Vải", "Quy Nhơn", "Nghi Sơn", "Vũng Áng", "Dung Quất"),
    "san_bay": ("Nội Bài", "Tân Sơn Nhất", "Đà Nẵng", "Cam Ranh", "Phú Quốc", "Vân Đồn", "Cát Bi"),
    "song": ("Hồng", "Thái Bình", "Tiền", "Hậu", "Đuống", "Lô", "Vàm Cỏ Đông"),
    "ga": ("Hà Nội", "Giáp Bát", "Vinh", "Đà Nẵng", "Sài Gòn", "Đồng Đăng", "Lào Cai"),
}  # fmt: skip

# the occasion a document of a month speaks about: one writes before the holiday, not after it
OCCASIONS: dict[int, tuple[str, ...]] = {
    1: ("Tết Nguyên đán Kỷ Hợi", "Tết Nguyên đán và mùa lễ hội xuân"),
    2: ("mùa lễ hội xuân",),
    3: ("Giỗ Tổ Hùng Vương", "nghỉ lễ 30/4 và 01/5"),
    4: ("Giỗ Tổ Hùng Vương", "nghỉ lễ 30/4 và 01/5"),
    5: ("cao điểm hè", "mùa mưa bão"),
    6: ("kỳ thi trung học phổ thông quốc gia", "cao điểm hè"),
    7: ("cao điểm hè", "mùa mưa bão"),
    8: ("nghỉ lễ Quốc khánh 02/9", "khai giảng năm học mới"),
    9: ("mùa mưa bão",),
}
QUARTERS = ("I", "II", "III", "IV")

LETTERS: tuple[Theme, ...] = (
    Theme("VT", "V/v tăng cường công tác quản lý vận tải hành khách dịp {dip} năm 2019", ALL[:6]),
    Theme("VT", "V/v trả lời kiến nghị của Hiệp hội Vận tải ô tô tỉnh {tinh}", (DB, DK)),
    Theme("VT", "V/v phương án vận chuyển hành khách phục vụ {dip} năm 2019", FIVE),
    Theme("VT", "V/v khai thác đường bay đi, đến Cảng hàng không {san_bay}", (HK,)),
    Theme("VT", "V/v nâng cao chất lượng dịch vụ vận tải hành khách tại ga {ga}", (DS,)),
    Theme("VT", "V/v vận tải ven biển và sang mạn hàng hóa tại khu vực cảng biển {cang_bien}", (HH, TH, DK)),
    Theme("ATGT", "V/v bảo đảm trật tự, an toàn giao thông dịp {dip} năm 2019", ALL),
    Theme("ATGT", "V/v xử lý điểm đen, điểm tiềm ẩn tai nạn giao thông trên Quốc lộ {quoclo}", (DB, XD)),
    Theme("ATGT", "V/v bảo đảm an toàn giao thông đường ngang, lối đi tự mở khu vực ga {ga}", (DS, DB)),
    Theme("ATGT", "V/v tăng cường bảo đảm an toàn giao thông đường thủy trên sông {song}", (TH, DK, YT)),
    Theme(
        "ATGT", "V/v kiểm soát nồng độ cồn, chất ma túy đối với người lái xe kinh doanh vận tải", (DB, YT, DK)
    ),
    Theme("KCHT", "V/v sửa chữa hư hỏng mặt đường Quốc lộ {quoclo} đoạn qua tỉnh {tinh}", (DB,)),
    Theme("KCHT", "V/v công bố luồng đường thủy nội địa quốc gia trên sông {song}", (TH, HH)),
    Theme("KCHT", "V/v nạo vét duy tu luồng hàng hải {cang_bien}", (HH, XD)),
    Theme("KCHT", "V/v rà soát quy hoạch chi tiết Cảng hàng không {san_bay}", (HK, XD)),
    Theme("KCHT", "V/v chấp thuận thiết kế nút giao đấu nối vào Quốc lộ {quoclo}, tỉnh {tinh}", (DB, XD)),
    Theme("KHĐT", "V/v giải ngân kế hoạch vốn đầu tư công quý {quy} năm 2019", ALL),
    Theme("KHĐT", "V/v điều chỉnh chủ trương đầu tư dự án {du_an}", (XD, DB)),
    Theme("TC", "V/v quyết toán kinh phí quản lý, bảo trì quý {quy} năm 2019", FIVE),
    Theme("TC", "V/v công khai dự toán ngân sách năm 2019", ALL),
    Theme(
        "PC",
        "V/v góp ý dự thảo Nghị định quy định về kinh doanh và điều kiện kinh doanh vận tải",
        (DB, DK, HK),
    ),
    Theme("PC", "V/v rà soát, cắt giảm điều kiện kinh doanh thuộc lĩnh vực quản lý quý {quy} năm 2019", ALL),
    Theme("KHCN", "V/v góp ý dự thảo tiêu chuẩn quốc gia về phương tiện giao thông đường sắt", (DS, DK)),
    Theme("KHCN", "V/v xây dựng quy chuẩn kỹ thuật quốc gia năm 2019", (DB, DS, TH, HH, HK, DK)),
    Theme("TCCB", "V/v rà soát vị trí việc làm và tinh giản biên chế năm 2019", ALL),
    Theme("TCCB", "V/v cử cán bộ tham gia lớp bồi dưỡng nghiệp vụ quý {quy} năm 2019", ALL),
    Theme("CQLXD", "V/v tiến độ và chất lượng thi công dự án {du_an}", (XD, DB)),
    Theme("CQLXD", "V/v khắc phục tồn tại chất lượng công trình tại dự án {du_an}", (XD,)),
    Theme("VP", "V/v triển khai gửi, nhận văn bản điện tử theo Quyết định số 28/2018/QĐ-TTg", ALL),
    Theme("VP", "V/v báo cáo kết quả thực hiện nhiệm vụ Bộ trưởng giao quý {quy} năm 2019", ALL),
    Theme("VP", "V/v chuẩn bị nội dung làm việc với Ủy ban nhân dân tỉnh {tinh}", (DB, TH, XD)),
    Theme(
        "VP",
        "V/v khám sức khỏe định kỳ và chăm sóc sức khỏe người lao động ngành giao thông vận tải",
        (YT, DS, HK),
    ),
)

# documents with a form of their own: (type name, notation, theme)
FORMAL: tuple[tuple[str, str, Theme], ...] = (
    ("Quyết định", "QĐ-BGTVT", Theme("KHĐT", "Phê duyệt kế hoạch lựa chọn nhà thầu dự án {du_an}", (XD, DB))),
    ("Quyết định", "QĐ-BGTVT", Theme("KCHT", "Công bố mở cảng cạn tại tỉnh {tinh}", (HH, TH, DB))),
    (
        "Quyết định",
        "QĐ-BGTVT",
        Theme("TCCB", "Ban hành Kế hoạch cải cách hành chính quý {quy} năm 2019", ALL),
    ),
    (
        "Thông báo",
        "TB-BGTVT",
        Theme("VP", "Kết luận của Bộ trưởng tại cuộc họp giao ban quý {quy} năm 2019", ALL),
    ),
    (
        "Thông báo",
        "TB-BGTVT",
        Theme("CQLXD", "Kết luận cuộc họp kiểm điểm tiến độ dự án {du_an}", (XD, DB, DS)),
    ),
    (
        "Kế hoạch",
        "KH-BGTVT",
        Theme("ATGT", "Kiểm tra công tác bảo đảm an toàn giao thông dịp {dip} năm 2019", FIVE),
    ),
    (
        "Chỉ thị",
        "CT-BGTVT",
        Theme("VT", "Tổ chức phục vụ nhu cầu đi lại của nhân dân dịp {dip} năm 2019", ALL),
    ),
    ("Giấy mời", "GM-BGTVT", Theme("VP", "Họp về tiến độ triển khai dự án {du_an}", (XD, DB, DS, HH))),
)

URGENT: tuple[tuple[str, str, Theme], ...] = (
    (
        "Công điện",
        "CĐ-BGTVT",
        Theme("ATGT", "Ứng phó với bão và mưa lũ tại khu vực tỉnh {tinh}", (DB, DS, TH, HH, HK)),
    ),
    (
        "Công điện",
        "CĐ-BGTVT",
        Theme("ATGT", "Khắc phục hậu quả tai nạn giao thông trên Quốc lộ {quoclo}", (DB, DK, YT)),
    ),
    (
        "Công điện",
        "CĐ-BGTVT",
        Theme("KCHT", "Khắc phục sạt lở, thông xe Quốc lộ {quoclo} tỉnh {tinh}", (DB, XD)),
    ),
)

RETURN_REASON = "Văn bản không thuộc thẩm quyền giải quyết của đơn vị, đề nghị Bộ gửi đúng nơi nhận."
REFUSE_REASON = "Hệ thống của đơn vị không nhận văn bản này: tệp đính kèm không mở được."
