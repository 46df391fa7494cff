"""The commands in the READMEs of examples/, run one after another, and what they print.

    python -m bench.example_runs

Each line of a README's `sh` blocks runs in a new folder, with screens 100 columns wide. The output of all of them is
`expected.txt` beside the README; a test compares it.
"""

import io
import os
import re
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from bench import example_fleets
from ks_reset import cli

EXAMPLES = Path(__file__).parents[1] / "examples"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
MAKES = ["python", "-m", "bench.example_fleets"]


def run_example(name: str) -> str:
    """Each command of the example's README after a `$`, with its output and exit code."""
    text = (EXAMPLES / name / "README.md").read_text()
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as folder, _working_in(Path(folder)):
        return "\n".join(f"$ {line}\n{_run(shlex.split(line, comments=True))}" for line in lines)


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before, handler = Path.cwd(), signal.getsignal(signal.SIGTERM)
    environment = {"COLUMNS": "100", "KS_RESET_STATE": str(folder / "state"), "HOME": str(folder), "LANG": "C.UTF-8"}
    os.chdir(folder)
    try:
        with patch.dict(os.environ, environment):
            yield
    finally:
        os.chdir(before)
        signal.signal(signal.SIGTERM, handler)


def _run(words: Sequence[str]) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    code: object = 0
    with redirect_stdout(stream), redirect_stderr(stream):
        try:
            if list(words[:3]) == MAKES:
                example_fleets.main(words[3:])
            else:
                with patch.object(sys, "argv", list(words)):
                    cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
    stream.seek(0)
    return f"{stream.read()}[exit code {code}]\n"


def main() -> None:
    for name in example_fleets.FLEETS:
        (EXAMPLES / name / "expected.txt").write_text(run_example(name))


if __name__ == "__main__":
    main()
