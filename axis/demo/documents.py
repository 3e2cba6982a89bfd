"""The plan of the demo: every document, who gets it and how each receiver will answer.

A plan is a pure function of (how many, seed): two runs with one seed send the same documents, and
at the end the scenario compares what happened with what was planned. The programs of the ministry
and of the agencies receive only their own part of it.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from axis.demo import themes
from axis.demo.units import BY_CODE, MINISTRY_CODE, UNITS
from axis.domain.codes import build_document_id

YEAR = 2019
SCAN_BYTES = 20_000_000
NORMAL, UNSIGNED = "normal", "unsigned"
RECALL, UPDATE, REPLACE = 1, 2, 3
_FIRST, _LAST = date(YEAR, 1, 2), date(YEAR, 9, 30)
_URGENT_SHARE = 0.08


@dataclass(frozen=True, slots=True)
class Document:
    """One document as planned; only values that travel as JSON."""

    sender: str
    number: str
    notation: str
    date: str  # yyyy/MM/dd
    type_name: str
    subject: str
    competence: str
    position: str
    full_name: str
    sphere: str
    priority: int
    due: str
    receivers: tuple[str, ...]
    scan_bytes: int = 0
    kind: str = NORMAL
    business: int = 0
    """0 new, 1 recall, 2 update, 3 replacement …"""
    about: str = ""
    """… of this DocumentId."""

    @property
    def document_id(self) -> str:
        return build_document_id(self.sender, self.date, self.number, self.notation)

    @property
    def lines(self) -> list[str]:
        """What its page says."""
        names = "; ".join(BY_CODE[c].name for c in self.receivers if c in BY_CODE)
        return [
            BY_CODE[self.sender].name.upper(), f"Số: {self.number}/{self.notation}   ngày {self.date}", "",
            self.type_name.upper(), self.subject, "", f"Kính gửi: {names}", "",
            "Nội dung trình diễn, không phải văn bản thật. / Demonstration text, not a real document.", "",
            self.competence, self.position, self.full_name,
        ]  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(value: dict[str, Any]) -> Document:
        return Document(**{**value, "receivers": tuple(value["receivers"])})


@dataclass(frozen=True, slots=True)
class Plan:
    """``refused``, ``returned``: code of a unit -> documents its system refuses, its clerk returns;
    ``afterwards``: what the ministry does when everything was sent, in order."""

    seed: int
    documents: tuple[Document, ...]
    unsigned: tuple[Document, ...]
    refused: dict[str, frozenset[str]]
    returned: dict[str, frozenset[str]]
    afterwards: tuple[Document, ...] = ()

    def deliveries(self) -> Iterator[tuple[Document, str]]:
        for document in (*self.documents, *self.unsigned, *self.afterwards):
            for code in document.receivers:
                yield document, code

    @property
    def recalled(self) -> frozenset[str]:
        """Documents that will be recalled: nobody gets far with them."""
        return frozenset(d.about for d in self.afterwards if d.business == RECALL)

    def is_refused(self, document_id: str, code: str) -> bool:
        return document_id in self.refused.get(code, ())

    def answers(self, document_id: str, code: str) -> tuple[str, ...]:
        """Statuses the receiver will send for the document, in order."""
        if self.is_refused(document_id, code):
            return ()
        if document_id in self.returned.get(code, ()):
            return ("01", "02")
        for document in self.afterwards:
            if document.document_id == document_id and document.business in (RECALL, UPDATE):
                return ("15",)
        if document_id in self.recalled:
            return ("01",)
        return ("01", *progress(self.seed, document_id, code))


def progress(seed: int, document_id: str, code: str) -> tuple[str, ...]:
    """How far a receiver's clerks get with a document on the day it arrives: 03, then perhaps further.
    Agencies compute it by themselves, the plan checks it: hence a digest, no shared state."""
    draw = hashlib.sha256(f"{seed}|{document_id}|{code}".encode()).digest()[0]
    if draw < 160:
        return ("03",)
    if draw < 210:
        return ("03", "04")
    if draw < 240:
        return ("03", "05")  # skips happen: many systems never say 04
    return ("03", "04", "05", "06")


def make_plan(count: int, seed: int) -> Plan:
    """``count`` documents of the ministry, two unsigned ones of the unit without a certificate."""
    draw = random.Random(seed)
    documents = _with_scans(tuple(_ministry_documents(count, draw)), max(1, round(count / 150)))
    unsigned = tuple(_unsigned(draw))
    refused, returned = {}, {}
    for unit in UNITS:
        own = [d.document_id for d in documents if unit.code in d.receivers and not d.scan_bytes]
        # not the very first: a refusal in the middle of the traffic is the interesting one
        picked = frozenset(own[len(own) // 3 : len(own) // 3 + 1])
        if unit.refuses:
            refused[unit.code] = picked
        if unit.returns:
            returned[unit.code] = picked
    return Plan(seed, documents, unsigned, refused, returned, tuple(_afterwards(draw)))


def _afterwards(draw: random.Random) -> Iterator[Document]:
    """A letter sent by mistake and recalled; a plan that is first updated, then replaced."""
    receivers = tuple(sorted(unit.code for unit in UNITS if not unit.down_for))[:3]
    theme = draw.choice(themes.LETTERS)
    competence, position, full_name = draw.choice(themes.LEADERS)

    def one(number: int, type_name: str, subject: str, business: int = 0, about: str = "") -> Document:
        return Document(
            sender=MINISTRY_CODE, number=str(number), notation="BGTVT-VP", date=f"{YEAR}/09/30", type_name=type_name,
            subject=subject, competence=competence, position=position, full_name=full_name,
            sphere=themes.DEPARTMENTS[theme.department].sphere, priority=0, due="", receivers=receivers,
            business=business, about=about,
        )  # fmt: skip

    letter = one(9801, "Công văn", "V/v báo cáo số liệu (gửi nhầm bản dự thảo)")
    yield letter
    yield one(9802, "Thông báo", "Thu hồi công văn gửi nhầm bản dự thảo", RECALL, letter.document_id)
    first = one(9803, "Kế hoạch", "Kế hoạch kiểm tra an toàn giao thông quý IV năm 2019")
    yield first
    yield one(9804, "Thông báo", "Đính chính ngày ban hành của kế hoạch", UPDATE, first.document_id)
    yield one(9805, "Kế hoạch", "Kế hoạch kiểm tra quý IV năm 2019 (thay thế)", REPLACE, first.document_id)


def _ministry_documents(count: int, draw: random.Random) -> Iterator[Document]:
    counters: dict[str, int] = {"": 3410}  # official letters share one book; other forms have their own
    for index in range(count):
        day = _working_day(_FIRST + timedelta(days=index * (_LAST - _FIRST).days // max(1, count)))
        priority, type_name, notation, theme = _form(draw)
        if notation:
            counters[notation] = counters.get(notation, draw.randint(10, 400)) + draw.randint(1, 3)
            number = counters[notation]
        else:
            notation = f"BGTVT-{themes.DEPARTMENTS[theme.department].notation}"
            counters[""] += draw.randint(1, 9)
            number = counters[""]
        competence, position, full_name = _signer(theme, type_name, draw)
        due = day + timedelta(days=draw.choice((7, 10, 15, 30))) if draw.random() < 0.4 else None
        yield Document(
            sender=MINISTRY_CODE, number=str(number), notation=notation, date=f"{day:%Y/%m/%d}",
            type_name=type_name, subject=_filled(theme.subject, day, draw), competence=competence,
            position=position, full_name=full_name,
            sphere=themes.DEPARTMENTS[theme.department].sphere, priority=priority,
            due=f"{due:%Y/%m/%d}" if due else "", receivers=_receivers(theme, draw),
        )  # fmt: skip


def _form(draw: random.Random) -> tuple[int, str, str, themes.Theme]:
    if draw.random() < _URGENT_SHARE:
        priority = draw.choice((1, 2, 3, 3))
        if priority == 3:
            return (priority, *draw.choice(themes.URGENT))
        return priority, "Công văn", "", draw.choice(themes.LETTERS)
    if draw.random() < 0.2:
        return (0, *draw.choice(themes.FORMAL))
    return 0, "Công văn", "", draw.choice(themes.LETTERS)


def _signer(theme: themes.Theme, type_name: str, draw: random.Random) -> tuple[str, str, str]:
    if type_name != "Công văn" or draw.random() < 0.5:
        return draw.choice(themes.LEADERS)
    department = themes.DEPARTMENTS[theme.department]
    return "TL. BỘ TRƯỞNG", department.head.upper(), draw.choice(department.names)


def _filled(subject: str, day: date, draw: random.Random) -> str:
    places = {word: draw.choice(choices) for word, choices in themes.PLACES.items()}
    quarter = themes.QUARTERS[(day.month - 1) // 3]
    return subject.format(dip=draw.choice(themes.OCCASIONS[day.month]), quy=quarter, **places)


def _receivers(theme: themes.Theme, draw: random.Random) -> tuple[str, ...]:
    """Everyone the theme concerns, or a part of them; most documents go to few."""
    if draw.random() < 0.22:
        return theme.receivers
    some = draw.randint(1, min(3, len(theme.receivers)))
    return tuple(sorted(draw.sample(theme.receivers, some)))


def _working_day(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _with_scans(documents: tuple[Document, ...], scans: int) -> tuple[Document, ...]:
    """A few carry a scanned annex of 20 MB; spread evenly, each to at most two receivers."""
    if not documents:
        return documents
    marked = {(i + 1) * len(documents) // (scans + 1) for i in range(scans)}
    return tuple(
        replace(d, scan_bytes=SCAN_BYTES, receivers=d.receivers[:2]) if i in marked else d
        for i, d in enumerate(documents)
    )


def _unsigned(draw: random.Random) -> Iterator[Document]:
    sender = next(u for u in UNITS if not u.signs)
    for number, subject in (
        (57, "V/v báo cáo công tác y tế lao động và khám sức khỏe người lái xe năm 2019"),
        (61, f"V/v cấp trang thiết bị y tế phục vụ cứu nạn trên Quốc lộ {draw.choice((1, 6, 14))}"),
    ):
        yield Document(
            sender=sender.code, number=str(number), notation="CYT-VP", date=f"{YEAR}/08/1{number % 5}",
            type_name="Công văn", subject=subject, competence="", position="CỤC TRƯỞNG",
            full_name="Trịnh Thị Lan Chi", sphere="Y tế", priority=0, due="",
            receivers=(MINISTRY_CODE,), kind=UNSIGNED,
        )  # fmt: skip
