"""No refusal without a way on: each message of Refused, Stale and StabilityLost in the source has a command.

The source is read, so that a new message needs a command, and a line in tests/cli/ways_on.yaml: the test in whose state
the message appears, and whether that test takes the way on and gets further.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import ks_reset
from ks_reset.cli.way_on import SAME_COMMAND

SOURCE = Path(ks_reset.__file__).parent
FAMILIES = {"Refused", "Stale", "StabilityLost"}
COMMAND = re.compile(r"\b(?:ks-reset|kubectl|helm) [a-z-]|\(umask 077")
MADE = re.compile(r"command|way_|cure|flags|again|new_plan|keeping")
"""Names of functions and variables that hold a command."""
ELSEWHERE = {
    "apply/watch/objects.py": "apply/fallback.py adds what is done now",
    "external/helm.py": "the operator's own program: the message names the variable and the version",
    "simulation/without_seatbelt.py": "_first_commands",
}
"""Files whose messages get their command from elsewhere, or are about this machine."""


TESTS = SOURCE.parent / "tests"
STATES = msgspec.yaml.decode((Path(__file__).parent / "ways_on.yaml").read_bytes(), type=dict[str, dict[str, str]])
"""`taken`, `told` and `read`: by `file::function` of the message, the test of its state."""


def messages() -> Iterator[tuple[str, ast.Call]]:
    """`file:line` and the call of each raise of these families, rehearsals left out."""
    for path in sorted(SOURCE.rglob("*.py")):
        inside = path.relative_to(SOURCE).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and not inside.startswith("rehearsal/"):
                name = node.exc.func.id if isinstance(node.exc.func, ast.Name) else ""
                if name in FAMILIES:
                    yield f"{inside}:{node.lineno}", node.exc


def has_command(call: ast.Call) -> bool:
    """Whether the text of the message has a command, or a value that is named as one."""
    texts = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    names = [getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(call)]
    said = " ".join("".join(texts).split())
    return bool(COMMAND.search(said) or SAME_COMMAND.search(said) or any(map(MADE.search, names)))


FOUND = list(messages())


@pytest.mark.parametrize("place", [place for place, _ in FOUND])
def test_a_refusal_has_a_way_on(place: str) -> None:
    call = dict(FOUND)[place]
    assert has_command(call) or place.partition(":")[0] in ELSEWHERE, ast.unparse(call)


def test_the_messages_are_found() -> None:
    assert len(FOUND) > 60
    assert {place.partition(":")[0] for place, _ in FOUND} >= ELSEWHERE.keys()


def functions_of_messages() -> set[str]:
    """`file::function` of each message."""
    found = set()
    for place, _ in FOUND:
        file, _, line = place.rpartition(":")
        tree = ast.walk(ast.parse((SOURCE / file).read_text()))
        around = [f for f in tree if isinstance(f, ast.FunctionDef) and f.lineno <= int(line) <= (f.end_lineno or 0)]
        found.add(f"{file}::{max(around, key=lambda f: f.lineno).name}")
    return found


@pytest.mark.parametrize("place", sorted(functions_of_messages()))
def test_a_refusal_has_a_state_in_which_a_test_meets_it(place: str) -> None:
    (test,) = (tests[place] for tests in STATES.values() if place in tests)
    file, _, name = test.partition("::")
    assert f"def {name}(" in (TESTS / file).read_text(), test


def test_no_state_is_left_of_a_refusal_that_is_gone() -> None:
    assert {place for tests in STATES.values() for place in tests} == functions_of_messages()
