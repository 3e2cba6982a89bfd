"""Figures from the counters, as tables: what each column counts, and how rows of counters become rows
of a table. Pure; every definition is told to developers in docs/reports.md.

Figures are of *documents*: packages of type 0 (new) and 3 (replacement). Recalls, updates and statuses
are packages too, and are counted in columns of their own. A table counts packages sent or deliveries
received, never both: one package sent to five units is five deliveries received.
A delivery counts on the day its package was taken in, and as it stands now: a document of June that is
returned in July is a returned document of June.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from axis.domain.document import BusinessType
from axis.sheets.sheet import Column, Row

DOCUMENTS = frozenset({BusinessType.NEW, BusinessType.REPLACE})
STATUS = -1
_OTHERS = {BusinessType.RECALL: "recalls", BusinessType.UPDATE: "updates", STATUS: "statuses"}
Counted = Mapping[str, Any]


def _count(key: str, vi: str, en: str) -> Column:
    return Column(key, vi, en, "number", 12)


DAY = Column("day", "Ngày", "Day", "date", 12)
UNIT = (Column("unit", "Mã đơn vị", "Unit", "text", 16), Column("name", "Tên đơn vị", "Name", "text", 36))
SENDER = (
    Column("sender", "Mã nơi gửi", "Sender", "text", 16),
    Column("sender_name", "Nơi gửi", "Sender's name", "text", 30),
)
RECEIVER = (
    Column("receiver", "Mã nơi nhận", "Receiver", "text", 16),
    Column("receiver_name", "Nơi nhận", "Receiver's name", "text", 30),
)
_MADE = (
    _count("signed", "Gói tin có chữ ký số được xác minh", "Package bears a verified signature"),
    _count("unsigned", "Gói tin không có chữ ký số được xác minh", "Package bears no verified signature"),
    _count("paperless", "Không kèm bản giấy", "Without paper"),
    Column("paperless_share", "Tỷ lệ không kèm bản giấy", "Share without paper", "percent", 12),
    _count("priority_0", "Thường", "Ordinary"),
    _count("priority_1", "Khẩn", "Urgent"),
    _count("priority_2", "Thượng khẩn", "Very urgent"),
    _count("priority_3", "Hỏa tốc", "Express"),
    _count("priority_4", "Hỏa tốc hẹn giờ", "Express, timed"),
)
_OTHER_PACKAGES = (
    _count("recalls", "Gói thu hồi", "Recall packages"),
    _count("updates", "Gói cập nhật", "Update packages"),
    _count("statuses", "Gói trạng thái", "Status packages"),
)
SENT = (
    _count("packages", "Văn bản gửi (gói)", "Documents sent (packages)"),
    _count("targets", "Số nơi nhận", "Receivers in all"),
    *_MADE,
    _count("sent_late", "Gửi chậm", "Sent late"),
    *_OTHER_PACKAGES,
)
RECEIVED = (
    _count("deliveries", "Văn bản (lượt)", "Documents (deliveries)"),
    _count("again", "Trong đó gửi lại", "Of these sent again"),
    *_MADE,
    _count("delivered", "Đã đến hệ thống nhận", "Delivered"),
    _count("waiting", "Đang chờ", "Waiting"),
    _count("refused", "Hệ thống nhận từ chối", "Refused by the system"),
    _count("recalled", "Dừng chuyển tại trục", "Stopped at the axis"),
    _count("returned", "Trả lại (02)", "Returned (02)"),
    _count("told", "Đã phản hồi (01 trở đi)", "Answered (01 or further)"),
    _count("told_late", "Phản hồi chậm", "Answered late"),
    _count("registered", "Đã tiếp nhận hoặc trả lại", "Accepted or returned"),
    _count("registered_late", "Tiếp nhận chậm", "Accepted late"),
    _count("with_due_date", "Có thời hạn", "With a due date"),
    _count("finished", "Hoàn thành (06)", "Finished (06)"),
    _count("finished_late", "Hoàn thành trễ hạn", "Finished late"),
    _count("feedback_complete", "Phản hồi đầy đủ", "Feedback complete"),
    _count("feedback_open", "Phản hồi chưa đầy đủ", "Feedback not complete"),
    _count("recalled_by_sender", "Bị nơi gửi thu hồi", "Recalled by the sender"),
    _count("recall_done", "Thu hồi: đã huỷ", "Recalled: cancelled"),
    _count("recall_ordered", "Thu hồi: chờ huỷ", "Recalled: to be cancelled"),
    _count("asked_back", "Yêu cầu lấy lại, chưa trả lời (13)", "Asked back, not answered (13)"),
    _count("given_back", "Yêu cầu lấy lại, đồng ý (15)", "Asked back, agreed (15)"),
    _count("denied", "Yêu cầu lấy lại, từ chối (16)", "Asked back, denied (16)"),
    _count("overdue_arrival", "Đang quá hạn phản hồi", "Overdue: answer"),
    _count("overdue_register", "Đang quá hạn tiếp nhận", "Overdue: accept"),
    _count("overdue_finish", "Đang quá hạn hoàn thành", "Overdue: finish"),
    _count("failed_attempts", "Lần gửi lỗi", "Failed attempts"),
    _count("retries", "Lần gửi thử lại", "Retries"),
    *_OTHER_PACKAGES,
)
BY_UNIT = (
    _count("packages", "Văn bản gửi (gói)", "Documents sent (packages)"),
    _count("sent_late", "Gửi chậm", "Sent late"),
    _count("out_deliveries", "Gửi đi (lượt)", "Sent out (deliveries)"),
    _count("out_returned", "Bị trả lại", "Came back"),
    _count("out_waiting", "Gửi đi đang chờ", "Sent out, waiting"),
    _count("out_recalled", "Đã thu hồi", "Recalled by it"),
    _count("in_deliveries", "Nhận đến (lượt)", "Received (deliveries)"),
    _count("in_returned", "Đã trả lại", "Returned by it"),
    _count("in_recalled", "Bị thu hồi", "Recalled from it"),
    _count("in_registered", "Đã tiếp nhận hoặc trả lại", "Accepted or returned"),
    _count("in_finished", "Hoàn thành (06)", "Finished (06)"),
    _count("in_late", "Bước thực hiện chậm", "Steps taken late"),
    _count("in_overdue", "Bước đang quá hạn", "Steps overdue"),
)

_RENAMED = {"proven": "signed", "paper_without": "paperless", "failures": "failed_attempts"}
_KEYS = frozenset({"day", "sender", "receiver", "type"})


def sent(rows: Iterable[Counted]) -> dict[str, object]:
    """The columns of SENT from rows of counters."""
    found = _sum(rows)
    own = {"targets": found.pop("units", 0), "sent_late": found.pop("late", 0)}
    return _finished(found, found.pop("n", 0), "packages") | own


def received(rows: Iterable[Counted]) -> dict[str, object]:
    """The columns of RECEIVED from rows of counters."""
    found = _sum(rows)
    return _finished(found, found.pop("n", 0), "deliveries")


def of_unit(packages: Iterable[Counted], out: Iterable[Counted], into: Iterable[Counted]) -> dict[str, object]:
    """The columns of BY_UNIT: packages sent, deliveries sent out, deliveries received."""
    said, gone, come = sent(packages), _sum(out), _sum(into)
    return {
        "packages": said["packages"], "sent_late": said["sent_late"],
        "out_deliveries": gone["n"], "out_returned": gone["returned"], "out_waiting": gone["waiting"],
        "out_recalled": gone["recalled_by_sender"], "in_deliveries": come["n"], "in_returned": come["returned"],
        "in_recalled": come["recalled_by_sender"], "in_registered": come["registered"],
        "in_finished": come["finished"],
        "in_late": come["told_late"] + come["registered_late"] + come["finished_late"],
        "in_overdue": come["overdue_arrival"] + come["overdue_register"] + come["overdue_finish"],
    }  # fmt: skip


def grouped(rows: Iterable[Counted], *keys: str) -> dict[Any, list[Counted]]:
    """Rows of counters by one column, or by several (then a tuple)."""
    found: dict[Any, list[Counted]] = defaultdict(list)
    for row in rows:
        found[row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys)].append(row)
    return found


def table(
    groups: Mapping[Any, Iterable[Counted]], heads: Iterable[tuple[Any, Row]], fill: Callable[[Iterable[Counted]], Row]
) -> list[Row]:
    """One row per head (a key of the groups and its first cells), in that order."""
    return [{**cells, **fill(groups.get(key, ()))} for key, cells in heads]


def _sum(rows: Iterable[Counted]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        kind = row["type"]
        if kind in DOCUMENTS:
            for name, value in row.items():
                if name not in _KEYS:
                    found[name] += value
        else:
            found[_OTHERS[kind]] += row["n"]
    return found


def _finished(found: Mapping[str, int], n: int, name: str) -> dict[str, object]:
    urgent = sum(found.get(f"priority_{level}", 0) for level in range(1, 5))
    told: dict[str, object] = {_RENAMED.get(key, key): value for key, value in found.items()}
    for column in (SENT if name == "packages" else RECEIVED):
        told.setdefault(column.key, 0)
    told[name] = n
    told["unsigned"] = n - found.get("proven", 0)
    if name == "deliveries":
        told["feedback_open"] = n - found.get("feedback_complete", 0)
    told["priority_0"] = n - urgent
    told["paperless_share"] = found.get("paper_without", 0) / n if n else None
    return told
