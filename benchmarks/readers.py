"""People at the console of a running axis: real accounts, real sessions, pages over HTTP, and what they look for.

    Readers    opens accounts on a data folder; made before the axis serves it
    Reader     one signed-in browser: ``see`` gives the seconds a page took and its text
    Questions  what people type into the search box, made from the words the history was made of
"""

from __future__ import annotations

import asyncio
import random
import re
import time
import unicodedata
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Self
from uuid import UUID, uuid4

import aiohttp
import pyotp
from yarl import URL

from axis.core import Core
from axis.domain.people import OF_A_UNIT, Role
from axis.hub.accounts import Accounts
from axis.hub.doorkeeper import Where
from axis.hub.people import By
from benchmarks.history import ACTS, MATTERS, PLACES

COOKIE = "axis"  # without TLS; see axis/fronts/identity.py
HERE, PASSWORD = Where("127.0.0.1", "Mozilla/5.0 (thử nghiệm)"), "một câu dễ nhớ của riêng tôi"
THINKING = 7.0
"""Seconds between two clicks of one person, on average; exponential."""
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_DOCUMENT = re.compile(r'href="(/console/(?:audit/)?documents?/[0-9a-f-]{36})"')


async def signed_in(
    accounts: Accounts, login: str, name: str, role: Role, unit_id: UUID | None, *, language: str = "vi",
    password: str = PASSWORD, where: Where = HERE,
) -> str:  # fmt: skip
    """A new person, signed in with all their role must prove: the token of the session."""
    link = await accounts.staffing.invite(login, name, role, by=By("cli:thu"), unit_id=unit_id, language=language)
    entered = await accounts.own.join(link.token, password, where)
    session = await accounts.door.find(entered.token)
    assert session is not None
    if not session.full:
        offered = await accounts.signing_in.offer(entered.token, session)
        session = await accounts.door.find(entered.token)
        assert session is not None
        code = pyotp.TOTP(offered.secret).now()
        entered = await accounts.signing_in.enrol(entered.token, session, code, where)
    return entered.token


class Readers:
    """Accounts on a data folder. Every run makes its own people, so a kept folder can be measured again."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._numbers = count(1)
        self._series = uuid4().hex[:6]

    async def of(self, role: Role, unit: str = "") -> str:
        """A new person signed in with all they must prove: their session's token."""
        login, unit_id = f"bench-{self._series}-{next(self._numbers)}", None
        if role in OF_A_UNIT:
            unit_id = next(found.id for found in await self._core.directory.units() if found.code == unit)
        return await signed_in(self._core.accounts, login, f"Người đọc {login}", role, unit_id)


@dataclass(frozen=True, slots=True)
class Seen:
    """A page: seconds until its last byte was here, and what stands on it."""

    seconds: float
    text: str

    @property
    def next(self) -> str:
        """The address of the page after this one; empty on the last."""
        found = _NEXT.search(self.text)
        return found[1].replace("&amp;", "&") if found else ""

    @property
    def documents(self) -> list[str]:
        return _DOCUMENT.findall(self.text)


class Reader:
    def __init__(self, session: aiohttp.ClientSession, token: str) -> None:
        self._session, self._token = session, token

    @classmethod
    @asynccontextmanager
    async def all(cls, port: int, tokens: Sequence[str]) -> AsyncIterator[list[Self]]:
        """Browsers that keep their connections, as browsers do."""
        base = URL(f"http://127.0.0.1:{port}")
        async with aiohttp.ClientSession(base, cookie_jar=aiohttp.DummyCookieJar()) as session:
            yield [cls(session, token) for token in tokens]

    async def see(self, path: str, *, script: bool = False) -> Seen:
        """``script``: as htmx asks, for a part of the page. Raises SystemExit for anything but a page."""
        headers = {"Cookie": f"{COOKIE}={self._token}", **({"HX-Request": "true"} if script else {})}
        started = time.perf_counter()
        async with self._session.get(path, headers=headers, allow_redirects=False) as answer:
            text = await answer.text()
            if answer.status != 200:
                raise SystemExit(f"{path}: {answer.status} {answer.headers.get('Location', '')}\n{text[:500]}")
        return Seen(time.perf_counter() - started, text)


class Questions:
    """Endless, the same for the same seed. ``rows``: some documents there are, each with document_id,
    code_number, code_notation."""

    def __init__(self, rows: Sequence[dict[str, str]], seed: int = 4) -> None:
        self._dice, self._rows = random.Random(seed), rows

    def kinds(self) -> dict[str, Iterator[str]]:
        """By what is typed."""
        dice = self._dice
        return {
            "mã văn bản": (dice.choice(self._rows)["document_id"] for _ in count()),
            "số, ký hiệu": ("{code_number}/{code_notation}".format(**dice.choice(self._rows)) for _ in count()),
            "a number in the subject": (f"đợt {dice.choice(self._rows)['code_number']}" for _ in count()),
            "words, with accents": (f"{dice.choice(MATTERS)} {dice.choice(PLACES)}" for _ in count()),
            "words, without accents": (_bare(f"{dice.choice(ACTS)} {dice.choice(PLACES)}") for _ in count()),
            "words, other Unicode form": (unicodedata.normalize("NFD", dice.choice(MATTERS)) for _ in count()),
            "one common word": (dice.choice(MATTERS).split()[0] for _ in count()),
            "the beginning of a word": (dice.choice(PLACES)[:3] for _ in count()),
            "what nowhere stands": (f"{dice.choice(PLACES)} {uuid4().hex[:8]}" for _ in count()),
        }


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")) if c.isascii())


class Office:
    """Clerks who click: each opens a page, reads, opens the next, until told to stop.

    Half look at a list, a quarter search, the rest open a document or turn the page. ``clicks``: how many pages
    were opened while it ran.
    """

    def __init__(self, readers: Sequence[Reader], questions: Questions, seed: int = 5) -> None:
        self._readers, self._seed = readers, seed
        self._questions = [iter(kind) for kind in questions.kinds().values()]
        self.clicks: list[float] = []

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._clerk(number, reader)) for number, reader in enumerate(self._readers)]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    async def _clerk(self, number: int, reader: Reader) -> None:
        dice, last = random.Random(f"{self._seed} {number}"), Seen(0.0, "")
        await asyncio.sleep(dice.expovariate(1 / THINKING))  # as if they had been here all day
        while True:
            last = await reader.see(self._next(dice, last))
            self.clicks.append(last.seconds)
            await asyncio.sleep(dice.expovariate(1 / THINKING))

    def _next(self, dice: random.Random, last: Seen) -> str:
        what = dice.random()
        if what < 0.15 and last.documents:
            return dice.choice(last.documents)
        if what < 0.25 and last.next:
            return last.next
        side = dice.choice(("in", "out"))
        if what < 0.5:
            return str(URL(f"/console/{side}").with_query(q=next(dice.choice(self._questions))))
        return dice.choice(("/console/in", "/console/out", "/console/late", "/console/unaccepted"))
