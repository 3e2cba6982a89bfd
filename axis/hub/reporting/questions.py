"""What may be asked: which reports there are, in both languages, and one question."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from axis.domain.directory import Unit
from axis.domain.period import Period
from axis.sheets.sheet import Language


@dataclass(frozen=True, slots=True)
class Kind:
    """``of_unit``: it is one unit's own, so a unit must be named. ``counterpart``: it can be narrowed to the traffic
    with one other unit. ``calendar``: deadlines stand in it, so a calendar that is not decided makes it provisional."""

    name: str
    vi: str
    en: str
    about_vi: str
    about_en: str
    of_unit: bool = False
    counterpart: bool = True
    calendar: bool = True

    def title(self, language: Language) -> str:
        return self.vi if language == "vi" else self.en

    def about(self, language: Language) -> str:
        return self.about_vi if language == "vi" else self.about_en


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "summary", "Báo cáo tổng hợp gửi nhận văn bản", "Summary of documents sent and received",
            "Từng đơn vị: gói đã gửi, lượt đã nhận và tình hình xử lý, đủ các chỉ tiêu",
            "Unit by unit: packages sent, deliveries received and what became of them, with every measure",
        ),
        Kind(
            "by-unit", "Thống kê theo đơn vị", "Figures by unit",
            "Mỗi đơn vị một dòng: gửi đi, nhận đến, trả lại, chậm, quá hạn",
            "A line for each unit: sent, received, returned, late, overdue",
        ),
        Kind(
            "by-counterpart", "Thống kê theo nơi gửi, nơi nhận", "Figures by counterpart",
            "Của một đơn vị: gửi tới từng nơi và nhận từ từng nơi; của cả trục: từng cặp nơi gửi, nơi nhận",
            "Of a unit: sent to each and received from each; of the whole axis: each pair of sender and receiver",
        ),
        Kind(
            "by-day", "Thống kê theo ngày", "Figures by day",
            "Mỗi ngày một dòng: gói đã gửi và lượt đã nhận",
            "A line for each day: packages sent and deliveries received",
        ),
        Kind(
            "returned", "Văn bản bị trả lại", "Documents returned",
            "Từng văn bản bị từ chối tiếp nhận (02), kèm lý do",
            "Each document that was returned (02), with the reason", calendar=False,
        ),
        Kind(
            "late", "Văn bản chậm, quá hạn", "Documents late or overdue",
            "Từng văn bản mà nơi nhận phản hồi, tiếp nhận hoặc hoàn thành chậm, và văn bản gửi chậm",
            "Each document answered, accepted or finished late, and each that was sent late",
        ),
        Kind(
            "unaccepted", "Văn bản đã đến, chưa tiếp nhận", "Documents arrived and not accepted",
            "Từng văn bản đã đến hệ thống nơi nhận mà chưa được tiếp nhận hoặc trả lại",
            "Each document that arrived and was neither accepted nor returned",
        ),
        Kind(
            "outgoing-register", "Sổ đăng ký văn bản đi", "Register of outgoing documents",
            "Mẫu Phụ lục IV Nghị định 30/2020/NĐ-CP, 10 cột",
            "The form of Decree 30/2020 appendix IV, 10 columns", True, calendar=False,
        ),
        Kind(
            "incoming-register", "Sổ đăng ký văn bản đến", "Register of incoming documents",
            "Mẫu Phụ lục IV Nghị định 30/2020/NĐ-CP, 10 cột",
            "The form of Decree 30/2020 appendix IV, 10 columns", True, calendar=False,
        ),
        Kind(
            "follow-up-register", "Sổ theo dõi giải quyết văn bản đến", "Register of incoming documents followed up",
            "Mẫu Phụ lục IV Nghị định 30/2020/NĐ-CP, 7 cột",
            "The form of Decree 30/2020 appendix IV, 7 columns", True,
        ),
        Kind(
            "reconciliation", "Đối chiếu số liệu", "Reconciliation",
            "Từng đơn vị: số phải có = đã đến + từ chối + dừng tại trục + đang chờ; chênh lệch phải bằng 0",
            "Unit by unit: expected = delivered + refused + stopped at the axis + waiting; the difference must be 0",
            counterpart=False, calendar=False,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """``deep``: a reconciliation also counts the rows anew. ``undecided``: years in which its
    deadlines fall whose calendar no decision fixes yet, so that what counts as late may change."""

    kind: Kind
    period: Period
    unit: Unit | None = None
    counterpart: Unit | None = None
    scope: Unit | None = None
    made_by: str = ""
    language: Language = "vi"
    deep: bool = False
    undecided: tuple[int, ...] = ()

    @property
    def unit_id(self) -> UUID | None:
        return self.unit.id if self.unit else None

    @property
    def counterpart_id(self) -> UUID | None:
        return self.counterpart.id if self.counterpart else None

    @property
    def scope_id(self) -> UUID | None:
        return self.scope.id if self.scope else None

    def say(self, vi: str, en: str) -> str:
        return vi if self.language == "vi" else en
