"""LibreOffice as a second opinion: what an office programme of the clerks makes of our files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

# ";" and quotes, UTF-8, from line 1; texts quoted, cells as shown, formulas not; the first sheet only.
AS_CSV = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,true,true,true,false,false,1"
AS_XML = "fods:OpenDocument Spreadsheet Flat XML"


def program() -> str:
    """The path of LibreOffice; the test is skipped where there is none."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        pytest.skip("LibreOffice is not installed (apt-get install libreoffice-calc)")
    return found


def converted(file: Path, into: str, folder: Path, timeout: float = 120) -> Path:
    """The file as LibreOffice writes it. A profile of its own: nothing of the user's is read or locked."""
    command = [
        program(), f"-env:UserInstallation=file://{folder / 'profile'}", "--headless", "--norestore", "--nolockcheck",
        "--convert-to", into, "--outdir", str(folder), str(file),
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    result = folder / file.with_suffix("." + into.partition(":")[0]).name
    # With an explicit sheet number the sheet's name may be put into the file name.
    if not result.exists():
        result = next(folder.glob(f"{file.stem}-*.{into.partition(':')[0]}"), result)
    assert result.exists(), run.stdout + run.stderr
    return result
