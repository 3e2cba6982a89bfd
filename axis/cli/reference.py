"""``axis errors``, ``axis states``, ``axis completion``: reference written from the tables themselves.

docs/errors.md, docs/states.md and the table of error codes in docs/vxp.md are the output of these
commands; a test holds them equal, so that the pages cannot drift from the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click
from click.shell_completion import get_completion_class

from axis.cli.common import json_option, print_json
from axis.domain.catalogue import entries
from axis.domain.catalogue.entry import Remedy
from axis.domain.document import BusinessType
from axis.domain.states import (
    BY_SENDER,
    EVENT_WORDS,
    FINAL,
    HANDLING,
    KNOWN_STATUSES,
    STARTS,
    TAKING_BACK,
    TRANSPORT,
    TRANSPORT_WORDS,
    WORDS,
    Move,
    Transport,
)

_REMEDIES = {
    Remedy.RETRY: ("thử lại sau", "the same call may succeed later"),
    Remedy.MEND: ("sửa rồi gửi lại", "mend it and send again"),
    Remedy.OPERATOR: ("đề nghị người vận hành", "ask an operator"),
}
_ACTORS = {
    "axis": ("trục", "the axis"),
    "receiver": ("bên nhận", "the receiver"),
    "sender": ("bên gửi", "the sender"),
    "operator": ("người vận hành trục", "an operator"),
    "nobody": ("–", "nobody"),
}
_TYPES = {BusinessType.RECALL: "thu hồi · recall", BusinessType.UPDATE: "cập nhật · update"}
VXP_CODES: dict[str, tuple[str, str]] = {
    "0": ("thành công", "success"),
    "10": ("tệp không hợp lệ (trống, quá lớn, sai mã băm)", "invalid file (empty, too large, wrong hash)"),
    "15": ("sai mã hệ thống hoặc khoá bí mật", "wrong system id or secret"),
    "18": ("không có đơn vị nhận này", "receiver unknown"),
    "19": ("đơn vị gửi chưa được đăng ký hoặc chưa mở", "sender not registered, or not open"),
    "20": ("trục đang bận hoặc gặp lỗi: gửi lại sau", "the axis is busy or at fault: retry"),
    "21": ("không xử lý được tệp đính kèm", "an attachment cannot be processed"),
    "22": ("gói tin edXML hoặc chữ ký số không đạt", "edXML or its signature does not conform"),
    "40": ("không có văn bản này, hoặc không phải của đơn vị", "no such document, or not yours"),
    "41": ("lời gọi không hiểu được", "request not understood"),
    "42": ("không được phép", "not permitted"),
    "43": ("trái với điều đã tiếp nhận trước đó", "contradicts what was accepted before"),
}
"""What each ErrorCode of the VXP API says; the codes themselves are those of ``fronts.problems``."""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _row(*head)
    yield "|" + "---|" * len(head)
    yield from (_row(*row) for row in rows)


@click.command()
@click.option("--markdown", is_flag=True, help="Ghi docs/errors.md · the reference page.")
@click.option("--vxp", is_flag=True, help="Bảng ErrorCode của API VXP · the table of the VXP API's codes.")
@json_option
def errors(markdown: bool, vxp: bool, as_json: bool) -> None:
    """Bảng mã lỗi: điều gì, vì sao, làm gì · every code: what, why, what to do."""
    rows = sorted(entries().items())
    if as_json:
        print_json(
            [
                {"code": c, "remedy": e.remedy.value, "vi": e.vi, "en": e.en, "do_vi": e.do_vi, "do_en": e.do_en}
                for c, e in rows
            ]
        )
    elif vxp:
        click.echo(vxp_page())
    elif markdown:
        click.echo(errors_page())
    else:
        for code, e in rows:
            click.echo(f"{code}  ({e.remedy.value})\n    {e.vi} {e.do_vi}\n    {e.en} {e.do_en}")


def errors_page() -> str:
    """docs/errors.md."""
    found = sorted(entries().items())
    lines = [
        "# Mã lỗi · Error codes",
        "",
        "Written by `axis errors --markdown`; do not edit by hand. Words in braces are filled in with the facts.",
        "",
        *_table(
            ("lớp · class", "việc cần làm", "what to do"), ((k.value, vi, en) for k, (vi, en) in _REMEDIES.items())
        ),
    ]
    for room in dict.fromkeys(code.partition(".")[0] for code, _ in found):
        rows = (
            (f"`{code}`", e.remedy.value, f"{e.vi} {e.do_vi}", f"{e.en} {e.do_en}")
            for code, e in found
            if code.partition(".")[0] == room
        )
        lines += ["", f"## {room}", "", *_table(("mã · code", "lớp · class", "tiếng Việt", "English"), rows)]
    return "\n".join(lines)


def vxp_page() -> str:
    """The table of ErrorCode values in docs/vxp.md: number, meaning, and the axis's own codes behind it."""
    from axis.fronts.problems import CODES, FAMILIES

    words: dict[str, list[str]] = {code: [] for code in VXP_CODES}
    for family, row in FAMILIES:
        words[row.vxp].append(f"every other {family.__name__}")
    for code, row in sorted(CODES.items()):
        words[row.vxp].append(f"`{code}`")
    rows = ((code, vi, en, ", ".join(words[code])) for code, (vi, en) in VXP_CODES.items())
    return "\n".join(_table(("ErrorCode", "nghĩa", "meaning", "codes of the axis"), rows))


@click.command()
@click.option("--markdown", is_flag=True, help="Ghi docs/states.md · the reference page.")
@json_option
def states(markdown: bool, as_json: bool) -> None:
    """Hai bảng trạng thái của một lượt gửi · the two state machines of a delivery, row by row."""
    machines: dict[str, tuple[Move, ...]] = {"transport": TRANSPORT, "handling": HANDLING}
    machines |= {f"taking_back_{kind.name.lower()}": TAKING_BACK[kind] for kind in BusinessType}
    if as_json:
        print_json(
            {
                name: [
                    {"event": m.event, "from": m.origin, "to": m.target, "next": m.next_actor} for m in moves
                ]
                for name, moves in machines.items()
            }
        )
    elif markdown:
        click.echo(states_page())
    else:
        for name, moves in machines.items():
            for m in moves:
                click.echo(f"{name}  {m.origin or '—'} → {m.target}  ({m.event}; {_ACTORS[m.next_actor][0]})")


def states_page() -> str:
    """docs/states.md."""
    lines = [
        "# Trạng thái · States",
        "",
        "Written by `axis states --markdown` from `axis/domain/states.py`; do not edit by hand.",
        "",
        "Mỗi lượt gửi (một văn bản × một đơn vị nhận) có hai trạng thái, không trộn lẫn: *chuyển phát* là lời của trục"
        " (gói tin đã tới hệ thống bên nhận chưa); *xử lý* là lời của bên nhận và bên gửi về chính văn bản"
        " (Quyết định 28/2018/QĐ-TTg, Điều 10.2h). Không trạng thái nào tự hết hạn.",
        "",
        "Each delivery (one document × one receiver) has two states that are never mixed: *transport* is the axis's word,"
        " *handling* is the receiver's and the sender's word about the document. Nothing expires by itself. The database"
        " refuses every move that does not stand here.",
        "",
        "## Chuyển phát · Transport",
        "",
        "*Chờ văn bản đi trước*: gói thu hồi, cập nhật, thay thế hay yêu cầu lấy lại không bao giờ vượt văn bản mà nó nói tới."
        " A recall, update, replacement or request never overtakes the document it speaks of: it is *held* until then.",
        "",
        "Bên nhận đã trả lại (02) thì lượt gửi coi như đã đến; đã đồng ý trả (15) thì coi như đã thu hồi, dù trục đang để nó ở"
        " đâu: không gửi lại nữa. Cập nhật của văn bản đã thu hồi thì huỷ theo. What its receiver returned (02) has reached it,"
        " what it gave back (15) is recalled, wherever the axis had it: nothing of it is sent again, and updates end with their"
        " document.",
        "",
        *_transport(),
        "",
        "## Xử lý văn bản · Handling",
        "",
        "Chỉ đi tới, được bỏ bước; 02 chỉ trước khi tiếp nhận. Forward only, steps may be skipped; 02 only before"
        " acceptance. Lặp lại thì không có gì xảy ra hai lần; đến muộn thì vào nhật ký mà không đổi trạng thái; trái quy"
        " tắc thì bị từ chối, kèm các bước hợp lệ. A repeat changes nothing, a late one is journalled and moves nothing,"
        " an illegal one is refused naming the legal ones.",
        "",
        *_coded(HANDLING),
        "",
        "## Lấy lại, thu hồi · Taking back",
        "",
        "Cuộc trao đổi bên cạnh việc xử lý. *Yêu cầu lấy lại* (13) thì bên nhận đồng ý (15) hoặc từ chối (16); sau 16 trạng"
        " thái xử lý trước đó vẫn nguyên và bên gửi được yêu cầu lại. *Thu hồi* (gói nghiệp vụ 1) thì bên nhận phải huỷ và chỉ"
        " được trả lời 15 (Quyết định 28/2018/QĐ-TTg Điều 8.2, 9.2). 13 không hợp lệ khi văn bản đã bị trả lại (02). Sau 15, hoặc"
        " khi đã bị thu hồi, việc xử lý dừng: trạng thái gửi chéo nhau trên đường được ghi là đến muộn.",
        "",
        "A conversation beside handling. A request (13) may be agreed (15) or denied (16); after a 16 the handling state"
        " still stands and the sender may ask again. A recall (package of type 1) is an order: the receiver cancels and may"
        " only answer 15. 13 is not legal once the document was returned (02). After 15, or once recalled, handling is over;"
        " statuses that cross the recall on the way are journalled as late.",
        "",
        "Trục huỷ ngay những lượt chưa rời trục: bên nhận không bao giờ thấy, và trục tự trả lời 15 cho bên gửi. The axis"
        " cancels at once what has not left: the receiver never sees it, and the axis answers 15 itself.",
        "",
        *_coded(TAKING_BACK[BusinessType.NEW]),
        "",
        "### Trả lời gói cập nhật và gói thu hồi · Answers to updates and recalls",
        "",
        "Gói cập nhật (2) là một đề nghị: trả lời 15 hoặc 16. Gói thu hồi (1): chỉ 15, không trả lại (02). Văn bản thay thế (3) là văn bản mới, có"
        " trạng thái xử lý của chính nó. An update is a request of its own, a recall takes 15 only and is never returned (02), a replacement is a"
        " document with statuses of its own.",
        "",
        *_table(
            ("nghiệp vụ · type", "từ · from", "đến · to", "ai làm tiếp · who acts next"),
            (
                (f"{int(kind)} {_TYPES[kind]}", m.origin or "—", m.target, " · ".join(_ACTORS[m.next_actor]))
                for kind in (BusinessType.RECALL, BusinessType.UPDATE)
                for m in TAKING_BACK[kind]
            ),
        ),
        "",
        "## Mã trạng thái · Status codes",
        "",
        *_table(
            ("mã · code", "tiếng Việt", "English", "ai gửi · sent by"),
            (
                (code, *words, "bên gửi · sender" if code in BY_SENDER else "bên nhận · receiver")
                for code, words in WORDS.items()
                if code in KNOWN_STATUSES
            ),
        ),
        "",
        "Mã khác được giữ nguyên, chuyển tiếp và ghi nhật ký, không được suy diễn. Any other code is kept, passed on and"
        " journalled, never interpreted.",
    ]
    return "\n".join(lines)


def _transport() -> Iterator[str]:
    yield from ("```mermaid", "stateDiagram-v2", *(f"    [*] --> {state}" for state in Transport if state in STARTS))
    yield from (f'    state "{vi} · {en}" as {name}' for name, (vi, en) in TRANSPORT_WORDS.items())
    yield from (f"    {m.origin} --> {m.target}: {m.event}" for m in TRANSPORT)
    yield from (f"    {name} --> [*]" for name in TRANSPORT_WORDS if name in FINAL)
    yield from ("```", "")
    yield from _table(
        ("sự kiện · event", "từ · from", "đến · to", "nghĩa", "meaning", "ai làm tiếp · who acts next"),
        (
            (m.event, m.origin, m.target, *EVENT_WORDS[m.event], " · ".join(_ACTORS[m.next_actor]))
            for m in TRANSPORT
        ),
    )


def _coded(moves: tuple[Move, ...]) -> Iterator[str]:
    """A machine whose states are status codes; the state before any code is drawn as the start."""
    used = dict.fromkeys(code for m in moves for code in (m.origin, m.target) if code)
    yield from ("```mermaid", "stateDiagram-v2")
    yield from (f'    state "{_named(code)} · {WORDS[code][1]}" as s{code}' for code in used)
    yield from (f"    {'s' + m.origin if m.origin else '[*]'} --> s{m.target}" for m in moves)
    yield from ("```", "")
    grouped: dict[str, list[Move]] = {}
    for m in moves:
        grouped.setdefault(m.origin, []).append(m)
    yield from _table(
        ("từ · from", "được chuyển sang · may become", "ai làm tiếp · who acts next"),
        (
            (
                _named(origin),
                ", ".join(m.target for m in out),
                ", ".join(f"{m.target}: {_ACTORS[m.next_actor][0]} · {_ACTORS[m.next_actor][1]}" for m in out),
            )
            for origin, out in grouped.items()
        ),
    )


def _named(code: str) -> str:
    return f"{code if code in KNOWN_STATUSES else ''} {WORDS[code][0]}".strip()


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """In mã gợi ý lệnh: eval "$(axis completion bash)" · print the completion script."""
    from axis.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "axis", "_AXIS_COMPLETE").source())
