"""Who takes part in the demo: the Ministry of Transport and eight of its units in 2019.

The names are those of Decision 28's world (the five first connected, then three others). The codes
of the ministry's units are NOT public: every code marked ``invented`` was made up for this demo, is
shown as invented wherever it is printed, and must be replaced by the real one in a deployment.

Each unit also has a character, so that the demo shows more than sunshine: how its system is
connected, whether it is slow, down at the start, or refuses something.
"""

from __future__ import annotations

from dataclasses import dataclass

MINISTRY_CODE = "000.00.00.G04"  # the real code of the Ministry of Transport (Bộ GTVT)
UNKNOWN_CODE = "000.00.00.H99"  # no agency has it: a document addressed to it must be refused


@dataclass(frozen=True, slots=True)
class DemoUnit:
    """``adapter``  ``mailbox``: its system polls through the VXP API; ``webhook``: it is called
    ``sdk``         which client of the national axis it behaves like: 2.0.1 downloads, 2.0.0 has
                    only getEdoc
    ``delay``       seconds its system needs for one document
    ``down_for``    seconds it is unreachable after the start
    ``refuses``     its system refuses one document for good (webhook answers 422)
    ``returns``     its clerk returns one document with status 02
    ``signs``       False: it owns no certificate, so its policy is reference-only
    """

    code: str
    name: str
    short: str
    english: str
    adapter: str
    invented: bool = True
    sdk: str = "2.0.1"
    delay: float = 0.0
    down_for: float = 0.0
    refuses: bool = False
    returns: bool = False
    signs: bool = True

    @property
    def policy(self) -> str:
        return "required" if self.signs else "reference-only"

    @property
    def system_id(self) -> str:
        """The id its system logs in with: ASCII, as the client's headers demand."""
        return "demo." + self.code.replace(".", "-").lower()

    @property
    def character(self) -> tuple[str, str]:
        """What is special about it, Vietnamese and English; empty when nothing is."""
        if self.down_for:
            return "mất kết nối lúc đầu, sau đó trở lại", "down at the start, then back"
        if self.delay:
            return "hệ thống chậm", "slow system"
        if self.refuses:
            return "hệ thống từ chối một văn bản (422)", "its system refuses one document (422)"
        if self.returns:
            return "văn thư trả lại một văn bản (02)", "its clerk returns one document (02)"
        if not self.signs:
            return "chưa có chứng thư số, gửi hai văn bản không ký", "no certificate, sends two unsigned"
        return "", ""


MINISTRY = DemoUnit(
    MINISTRY_CODE, "Bộ Giao thông vận tải", "Bộ GTVT", "Ministry of Transport", "mailbox", invented=False
)

UNITS: tuple[DemoUnit, ...] = (
    # the five first connected
    DemoUnit("000.00.01.G04", "Tổng cục Đường bộ Việt Nam", "TC Đường bộ", "Road Directorate", "mailbox"),
    DemoUnit("000.00.02.G04", "Cục Đường sắt Việt Nam", "Cục Đường sắt", "Railway Authority", "webhook"),
    DemoUnit(
        "000.00.03.G04", "Cục Đường thủy nội địa Việt Nam", "Cục Đường thủy nội địa",
        "Inland Waterways Administration", "webhook", refuses=True,
    ),
    DemoUnit(
        "000.00.04.G04", "Cục Hàng hải Việt Nam", "Cục Hàng hải", "Maritime Administration", "webhook",
        down_for=8.0,
    ),
    DemoUnit(
        "000.00.05.G04", "Cục Hàng không Việt Nam", "Cục Hàng không", "Civil Aviation Authority", "mailbox",
        sdk="2.0.0", returns=True,
    ),
    # other departments already connected
    DemoUnit("000.00.06.G04", "Cục Đăng kiểm Việt Nam", "Cục Đăng kiểm", "Vietnam Register", "mailbox"),
    DemoUnit(
        "000.00.07.G04", "Cục Quản lý xây dựng và Chất lượng công trình giao thông", "Cục QLXD và CLCTGT",
        "Construction Quality Department", "webhook", delay=0.25,
    ),
    DemoUnit(
        "000.00.08.G04", "Cục Y tế Giao thông vận tải", "Cục Y tế GTVT", "Transport Health Department",
        "mailbox", signs=False,
    ),
)  # fmt: skip

BY_CODE: dict[str, DemoUnit] = {unit.code: unit for unit in (MINISTRY, *UNITS)}
