"""Two whole languages: every text marked, every text translated, dates and numbers as Vietnam writes them."""

from __future__ import annotations

import ast
import gettext
import itertools
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import lxml.html
import pytest
from aiohttp import web
from babel.messages.catalog import Message
from jinja2 import Environment

from axis.domain.events import Event
from axis.fronts.console import filters, texts
from axis.fronts.console.pages import render
from axis.fronts.console.routes import EVERYBODY, Route
from tests.console import extract, html
from tests.console.gallery import gallery
from tests.console.stand_in import Reader, console, module, served

_PLACE = re.compile(r"%\(\w+\)[sd]|%%")
_LETTER = re.compile(r"[^\W\d_]")
_VIETNAMESE = re.compile("[ăđơưĂĐƠƯạ-ỹẠ-Ỹ]")
OURS = ("Tiếng Việt", "Trục liên thông văn bản")
TEMPLATES = sorted((extract.PACKAGE / "templates").rglob("*.html"))
PAGES = [file for file in TEMPLATES if "help/vi" not in str(file) and "help/en" not in str(file)]


class Marked(gettext.NullTranslations):
    """Every text that goes through gettext stands between ⟦ and ⟧."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return f"⟦{plural}⟧"


# translations


def test_every_text_has_its_english() -> None:
    lacking = [f"{found.where}: {found.id}" for found in extract.missing()]
    assert not lacking, "\n".join(["no English (python -m tests.console.extract):", *lacking])


def test_no_english_is_doubtful_doubled_or_left_over() -> None:
    used = {extract.key(found.id) for found in extract.messages()}
    for key, entries in extract.english().items():
        words = {_words(message) for _, message in entries}
        files = [file for file, _ in entries]
        assert len(words) == 1, f"{files} disagree about {key!r}"
        assert not any(message.fuzzy for _, message in entries), f"fuzzy: {key!r} in {files}"
        assert key in used, f"nobody says {key!r} any more ({files})"


def test_catalogues_that_disagree_are_not_merged() -> None:
    """Whichever of two files counted, a page of the other would say what it does not mean."""
    clerk, operator = ('msgid "Thu hồi"\nmsgstr "Recall"\n', 'msgid "Thu hồi"\nmsgstr "Revoke"\n')
    many = 'msgid "Thu hồi"\nmsgid_plural "Thu hồi"\nmsgstr[0] "Recall"\nmsgstr[1] "Recall"\n'
    for first, second in ((clerk, operator), (clerk, many)):
        for files in ({"clerk.po": first, "operator.po": second}, {"operator.po": second, "clerk.po": first}):
            with pytest.raises(ValueError, match=r"clerk\.po .*Thu hồi|operator\.po .*Thu hồi"):
                texts.merged("en", {name: text.encode() for name, text in files.items()})
    agreeing = texts.merged("en", {"clerk.po": clerk.encode(), "operator.po": clerk.encode()})
    assert [message.string for message in agreeing if message.id] == ["Recall"]


@pytest.mark.parametrize("file", sorted(extract.catalogues()))
def test_no_catalogue_translates_a_text_twice_or_in_a_context_nobody_asks_for(file: str) -> None:
    """Of two entries for one text in one file the reader takes the first, silently."""
    source = (extract.ENGLISH / file).read_text()
    found = [message for message in extract.catalogues()[file] if message.id]
    assert len(re.findall(r"^msgid ", source, re.MULTILINE)) == len(found) + 1, "the head is one, too"
    assert not any(message.context for message in found) and "msgctxt" not in source


@pytest.mark.parametrize(("said", "meant"), [
    ("Thu hồi", "Recall"), ("Thu hồi văn bản", "Recall the document"), ("Thu hồi văn bản…", "Recall the document…"),
    ("Văn bản bị thu hồi", "Recalls"), ("Thu hồi khoá", "Revoke the credential"), ("Thu hồi ngay", "Revoke now"),
    ("khoá đã thu hồi", "revoked"),
])  # fmt: skip
def test_a_document_is_recalled_and_a_secret_revoked(said: str, meant: str) -> None:
    with texts.speaking("en"):
        assert texts.gettext(said) == meant


@pytest.mark.parametrize("file", sorted(extract.catalogues()))
def test_placeholders_are_the_same_and_every_plural_is_there(file: str) -> None:
    for message in extract.catalogues()[file]:
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        assert len(_words(message)) == (1 if len(ids) == 1 else 2), f"plurals of {ids[0]!r}"
        for words in _words(message):
            assert words.strip(), f"empty: {ids[0]!r}"
            assert sorted(_PLACE.findall(words)) == sorted(_PLACE.findall(ids[-1])), f"placeholders of {ids[0]!r}"
            assert "\u0300" not in words and not words.isspace()


def _words(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


# nothing is said past gettext


@pytest.mark.parametrize("path", ["/console/gallery", "/console/help/keys", "/console/nothing", "/console/front"])
async def test_no_visible_text_of_a_page_bypasses_gettext(path: str) -> None:
    """A language in which every translated text is marked: what shows without the mark was never translated."""
    front = module(Route("GET", "/front", "front", _front, EVERYBODY, "self"))
    modules, templates = gallery()
    with texts.replaced("en", Marked()):
        async with served(console([*modules, front], templates)) as reader:
            page = html.check(await (await reader.see(path, "auditor", X_Test_Language="en")).text())
    shared = page.xpath("//header|//footer|//nav[@class='pages']|//search//button") if "gallery" in path else [page]
    for part in shared:
        for words in part.xpath(".//text()|.//@aria-label|.//@placeholder|.//@title"):
            around = words.getparent()
            told = around.xpath("ancestor-or-self::*[self::bdi or self::code or self::a[@lang]]|ancestor::article")
            ours = "⟦" in words or told or around.tag == "title" or around.get("class") == "unit"
            assert ours or not _LETTER.search(words), f"{path}: {words!r}"


async def _front(request: web.Request) -> web.StreamResponse:
    return render(request, "home.html")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(extract.PACKAGE / "templates")))
def test_a_template_says_nothing_of_its_own(file: Path) -> None:
    """What remains of a template without its tags and expressions holds no letter."""
    found = [line for line in _bare(file.read_text()).splitlines() if _LETTER.search(line)]
    assert not found, f"{file.name}: {found}"


def _bare(source: str) -> str:
    """The texts and spoken attributes of a template outside its expressions and tags."""
    plain = "".join(text for _, kind, text in Environment().lex(source) if kind == "data")
    spoken = re.findall(r'\b(?:title|alt|placeholder|aria-label)="([^"]*)"', plain)
    for element in ("kbd", "code"):
        plain = re.sub(rf"<{element}>.*?</{element}>", "", plain)
    silent = re.sub(r"<[^>]*>", "", plain, flags=re.DOTALL)
    return "\n".join([re.sub(r'[\w-]+="[^"]*"', "", silent), *spoken])


@pytest.mark.parametrize("file", [f for f in extract.sources() if f.suffix == ".py"], ids=lambda f: f.name)
def test_no_vietnamese_of_a_module_bypasses_gettext(file: Path) -> None:
    """A string with Vietnamese letters in a module of pages is a msgid, a docstring, or stands beside its
    English (columns of an export)."""
    tree = ast.parse(file.read_text())
    marked: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in extract.KEYWORDS:
            marked |= {id(argument) for argument in node.args}
        if isinstance(node, ast.Expr):
            marked.add(id(node.value))
        together = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
        for first, second in itertools.pairwise(together):
            if _in_vietnamese(first) and not _in_vietnamese(second) and isinstance(second, ast.Constant):
                marked.add(id(first))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in marked:
            assert not _in_vietnamese(node) or node.value in OURS, f"{file.name}:{node.lineno}: {node.value!r}"


def _in_vietnamese(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_VIETNAMESE.search(node.value))


@pytest.mark.parametrize("text", [f"{language}/{file.name}" for language in ("vi", "en")
                                  for file in (extract.PACKAGE / "templates/help/vi").glob("*.html")])  # fmt: skip
def test_help_exists_in_both_languages(text: str) -> None:
    assert (extract.PACKAGE / "templates" / "help" / text).is_file()


@pytest.mark.parametrize("path", ["/console/gallery", "/console/help", "/console/help/keys", "/console/nothing"])
async def test_an_english_page_says_which_of_its_words_are_vietnamese(alone: Reader, path: str) -> None:
    page = html.check(await (await alone.see(path, "operator", X_Test_Language="en")).text())
    for element in page.xpath("//header|//footer"):
        assert isinstance(element, lxml.html.HtmlElement)
        for words in element.xpath(".//text()[not(ancestor::*[@lang='vi'])]"):
            assert not re.search("[ăđơưạ-ỹ]", words) or words.strip(" ·\n") in (
                "Trục liên thông văn bản",
                "Tiếng Việt",
            ), words


async def test_vietnamese_needs_no_catalogue_and_english_is_read_once() -> None:
    with texts.speaking("vi"):
        assert texts.gettext("Tìm") == "Tìm"
        assert texts.ngettext("%(n)d a", "%(n)d b", 1) == "%(n)d a"
    with texts.speaking("en"):
        assert texts.gettext("Tìm") == "Search" and texts.gettext("không có") == "không có"
        assert "press to see it" in texts.ngettext(
            "%(shown)s văn bản mới – bấm để xem", "%(shown)s văn bản mới – bấm để xem", 1
        )
        assert texts.language() == "en"
    assert texts.language() == "vi"
    async with served(console(*gallery())) as reader:
        assert (await reader.see("/console/help", "clerk", X_Test_Language="en")).status == 200
        assert texts.language() == "vi", "a request's language ends with it"


# forms of dates, numbers and names


AT = datetime(2026, 11, 25, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: filters.moment(AT), '<time datetime="2026-11-25T17:05:00Z">26/11/2026 00:05</time>'),
        (lambda: filters.day(AT), '<time datetime="2026-11-26">26/11/2026</time>'),
        (lambda: filters.day(date(2026, 1, 5)), '<time datetime="2026-01-05">05/01/2026</time>'),
        (lambda: filters.number(1234567), "1.234.567"),
        (lambda: filters.number(1234.5), "1.234,5"),
        (lambda: filters.percent(0.125), "12,5 %"),
        (lambda: filters.duration(timedelta(hours=27)), "1 ngày 3 giờ"),
        (lambda: filters.duration(90.0), "1 phút 30 giây"),
        (lambda: filters.size(0), "0 byte"),
        (lambda: filters.size(1_234_567), "1,2 MB"),
        (lambda: filters.size(2 * 10**12), "2 TB"),
        (lambda: filters.said("a\u202eb<"), "<bdi>a\u202eb&lt;</bdi>"),
        (lambda: filters.said("a" * 30, 10), "<bdi>" + "a" * 10 + " …</bdi>"),
        (lambda: filters.said("\x00\ud800"), "<bdi>\ufffd\ufffd</bdi>"),
        (lambda: filters.told({"event": Event.DELIVERED.value, "data": {"reason": "<b>"}}),
         "<bdi>hệ thống bên nhận xác nhận đã nhận – lý do: &lt;b&gt;</bdi>"),
    ],
)  # fmt: skip
def test_vietnamese_forms(made: object, expected: str) -> None:
    assert callable(made) and str(made()) == expected


def test_what_is_not_there_is_a_dash() -> None:
    for made in (
        filters.moment,
        filters.day,
        filters.number,
        filters.percent,
        filters.duration,
        filters.size,
        filters.said,
    ):
        assert "–" in str(made(None))
    assert "–" in filters.said("  ")
    with texts.speaking("en"):
        assert filters.said("văn bản") == '<bdi lang="vi">văn bản</bdi>' and filters.duration(60.0) == "1 min"
