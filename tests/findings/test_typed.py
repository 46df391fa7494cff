"""The way on of each finding is typed: ks-reset takes the command, and plans it or refuses it with a way on of its own.

What comes of it is in tests/golden/typed.txt, and from there in docs/doctor.md.
"""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.errors import Exit, Refused, ResetError, Unknown
from ks_reset.model import Finding
from ks_reset.report.commands import split_message
from tests import golden_files
from tests.commands import TAKES, has_way_on
from tests.findings.test_cures import PLACEHOLDERS
from tests.findings.test_rules import CASES, RuleCase, findings_of


def certain_findings() -> dict[str, list[tuple[RuleCase, Finding]]]:
    """The cases of each finding about a fleet that asks for nothing else, by the id of the finding."""
    found: dict[str, list[tuple[RuleCase, Finding]]] = {}
    for case in CASES:
        for finding in findings_of(case) if case.values is None and not case.asked else ():
            found.setdefault(finding.id, []).append((case, finding))
    return found


def typed_command(finding: Finding, snapshot: Path) -> str:
    """The first ks-reset plan in the cure, for this snapshot; "" for none, or for one with a placeholder."""
    call = Call("doctor", given=(("--snapshot", (str(snapshot),)),), takes=TAKES)
    parts = split_message(complete_commands(finding.cure, call))
    commands = [part.text for part in parts if part.is_command and part.text.startswith("ks-reset plan ")]
    holes = {hole for found, hole in PLACEHOLDERS if found == finding.id}
    return next((c for c in commands if "--snapshot" in c and not any(hole in c for hole in holes)), "")


def outcome_of(command: str, folder: Path) -> str:
    """What comes of a command, typed in this folder."""
    words = shlex.split(command)
    done = CliRunner().invoke(app, words[1:], env={"KS_RESET_STATE": str(folder / "state"), "COLUMNS": "200"})
    if isinstance(done.exception, ResetError):
        assert isinstance(done.exception, Refused | Unknown), (command, done.exception)
        assert has_way_on(str(done.exception)), (command, done.exception)
        return "refused, with the way on" if isinstance(done.exception, Refused) else "not planned: something is unread"
    assert done.exit_code == Exit.OK, (command, done.output)
    plan = json.loads(Path(words[words.index("--out") + 1]).read_text())
    return f"planned, {len(plan['actions'])} action(s)" if plan["actions"] else "nothing to do"


def lines_of(folder: Path) -> Iterator[str]:
    """A line for each finding: of the first case where the command leads to a plan, else of the first one."""
    snapshot = folder / "facts.json.gz"
    for name, cases in sorted(certain_findings().items()):
        lines = []
        for case, finding in cases:
            reading.save_snapshot(case.facts, snapshot)
            if command := typed_command(finding, snapshot):
                shown = command.replace(f" --snapshot {snapshot}", "")
                lines.append(f"{name} | {shown} | {outcome_of(command, folder)}")
        planned = [line for line in lines if "| planned" in line]
        yield from (planned or lines)[:1]


def test_the_command_of_each_finding_is_taken_and_does_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    golden_files.same("typed.txt", "".join(f"{line}\n" for line in lines_of(tmp_path)))
