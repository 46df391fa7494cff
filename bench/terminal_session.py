"""docs/img/doctor.svg: what `ks-reset doctor` shows first in the incident, as a terminal shows it.

    python -m bench.terminal_session

The output is that of the command; rich draws it. Nothing is loaded from elsewhere, fonts included.
"""

import io
import os
import re
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.model import Urgency
from tests.incident import incident_facts

PICTURE = Path(__file__).parents[1] / "docs" / "img" / "doctor.svg"
COLUMNS = 100
WORDS = ["doctor", "--snapshot", "incident.json.gz"]


def draw_session() -> str:
    """The most urgent finding of the incident as SVG, the same each time."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    lines = Text.from_ansi(f"$ ks-reset {' '.join(WORDS)}\n{_output()}").split("\n")
    first = next(at for at, line in enumerate(lines) if line.plain.lower() in tuple(Urgency))
    finding = next(at for at, line in enumerate(lines) if at > first and line.plain.startswith("CRITICAL"))
    after = next(at for at, line in enumerate(lines) if at > finding and not line.plain.strip())
    for line in (*lines[:1], Text(), *lines[first:after]):
        console.print(line, soft_wrap=True)
    drawn = re.sub(r"\s*@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.S)
    return console.export_svg(title="ks-reset doctor", unique_id="doctor", code_format=drawn)


def _output() -> str:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color", "KS_RESET_STATE": folder}
        os.chdir(folder)
        try:
            reading.save_snapshot(incident_facts("old-host"), Path(WORDS[-1]))
            return CliRunner().invoke(app, WORDS, env=environment, color=True).output
        finally:
            os.chdir(before)


def main() -> None:
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw_session())


if __name__ == "__main__":
    main()
