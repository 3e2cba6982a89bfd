"""The command's root. Groups are imported when they are asked for: `axis --help` starts at once."""

from __future__ import annotations

import importlib
import sys
import traceback
from uuid import uuid4

import click

from axis import __version__

COMMANDS = {
    "serve": ("axis.cli.serve", "serve", "Chạy trục · serve the axis until SIGTERM."),
    "demo": (
        "axis.cli.demo",
        "demo",
        "Bộ GTVT năm 2019 trên máy này · the ministry of 2019 on this machine.",
    ),
    "migrate": ("axis.cli.serve", "migrate", "Nâng cấp cơ sở dữ liệu · bring the database up to date."),
    "unit": ("axis.cli.units", "unit", "Đơn vị: thêm, sửa, xem · units: add, change, show."),
    "person": ("axis.cli.people", "person", "Người dùng trang điều hành · people of the console."),
    "trust": ("axis.cli.trust", "trust", "Chứng thư gốc được tin cậy · authorities the axis trusts."),
    "package": ("axis.cli.packages", "package", "Gói tin đã nhận · packages taken in."),
    "delivery": (
        "axis.cli.packages",
        "delivery",
        "Lượt gửi tới từng đơn vị · deliveries, receiver by receiver.",
    ),
    "report": ("axis.cli.report", "report", "Báo cáo, sổ đăng ký, đối soát · reports, registers, reconciliation."),
    "calendar": (
        "axis.cli.calendar",
        "calendar",
        "Lịch làm việc và thời hạn · the working calendar and the deadlines.",
    ),
    "alert": ("axis.cli.alerts", "alert", "Cảnh báo quá hạn · deadlines missed, and who was told."),
    "receipt": ("axis.cli.receipts", "receipt", "Biên nhận có chữ ký số · signed receipts."),
    "verify": (
        "axis.cli.receipts",
        "verify",
        "Kiểm tra biên nhận, không cần mạng · check a receipt offline.",
    ),
    "lint": ("axis.cli.lint", "lint", "Soát lỗi gói tin edXML · every finding about an edXML file, at once."),
    "doctor": (
        "axis.cli.doctor",
        "doctor",
        "Khám máy và cấu hình · check machine, keys, database and units.",
    ),
    "errors": ("axis.cli.reference", "errors", "Bảng mã lỗi · the catalogue of error codes."),
    "states": ("axis.cli.reference", "states", "Bảng trạng thái · the two state machines."),
    "completion": ("axis.cli.reference", "completion", "Gợi ý lệnh cho shell · shell completion."),
}


class Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        found: click.Command = getattr(importlib.import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Lệnh · Commands"):
            formatter.write_dl([(name, words) for name, (_, _, words) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="axis")
def cli() -> None:
    """Trục liên thông văn bản: nhận, xác minh, định tuyến, phát, theo dõi và chứng minh.

    The document interconnection axis: receive, verify, route, deliver, track, prove.
    """


def main() -> None:
    """Entry point. A fault of the program prints an id to report, never its insides, and exits with 70."""
    try:
        cli(prog_name="axis")
    except Exception:
        report = uuid4().hex[:12]
        click.echo(
            f"Lỗi chương trình, mã báo cáo {report} · a fault of the program, report id {report}", err=True
        )
        if "--debug" in sys.argv or sys.flags.dev_mode:
            traceback.print_exc()
        else:
            click.echo("".join(traceback.format_exception_only(*sys.exc_info()[:2])).strip()[:300], err=True)
        raise SystemExit(70) from None


if __name__ == "__main__":
    main()
