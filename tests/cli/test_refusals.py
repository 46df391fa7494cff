"""No refusal without a way on: each message of an error of the command line in the source has a command.

The source is read, so that a new message needs a command, and a line in tests/cli/ways_on.yaml or corrected.yaml: the
test in whose state the message appears, and whether that test takes the way on and gets further.
"""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import msgspec
import pytest

import ks_reset
from ks_reset import errors
from ks_reset.apply import worst
from ks_reset.apply.watch import objects
from ks_reset.cli.corrections import SAME_COMMAND
from ks_reset.cluster import transport
from ks_reset.plan import file as plan_file
from ks_reset.report.commands import BEGIN
from tests.cli.test_corrected import CASES

SOURCE = Path(ks_reset.__file__).parent
MODULES = (errors, ks_reset.limits, objects, worst, transport, plan_file)
"""Where the classes of errors are."""
FAMILIES = {
    name
    for module in MODULES
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, errors.ResetError)
} | {"error_of"}
COMMAND = re.compile(rf"{BEGIN.pattern}|ks-reset --lang|pip install |same command again")
MADE = re.compile(r"command|way_|cure|flags|again|new_plan|keeping|LOOK|AGAIN")
"""Names of functions and variables that hold a command."""
ELSEWHERE = {
    "apply/watch/objects.py::_check_held": "apply/fallback.py adds what is done now",
    "apply/watch/objects.py::check_objects": "its text has the commands in the chain",
    "apply/context.py::watch_clusters": "tells nothing of its own: another lane has stopped the run",
    "apply/write/flight.py::_send_batch": "tells nothing of its own: another lane has stopped the run",
    "apply/wait/ready.py::_require_reached": "this command, from another place",
    "cli/__init__.py::_print_own": "the texts are those of main",
    "cli/explain.py::_absence_error": "the variable `listed`",
    "cli/lazy.py::resolve_command": "the variable `meant`",
    "cli/out.py::parse_args": "the corrected call is written here",
    "cli/runs.py::_folder_of": "the variable `ask`",
    "external/helm.py::_target_flags": "its corrections are set below",
    "findings/unknown_losses.py::require_losses_known": "the reasons of the same file have the commands",
    "journal/runs.py::_other_schema": "command_to_set_aside",
    "plan/playbook.py::load_playbook": "UnknownName makes its corrections of the known names",
    "report/plan_step.py::step_named": "UnknownName makes its corrections of the known names",
    "simulation/without_seatbelt.py::refuse_losses_without_seatbelt": "_first_commands",
    "workflows/backup.py::unread_error": "the variable `reason`",
    "workflows/baselines.py::_baseline_of": "its corrections are set below",
    "workflows/component_choices.py::_require_choosable": "_reason_against has the command",
    "workflows/given_names.py::require_known_names": "_which_member",
    "workflows/plan.py::checked_plan": "_describe",
    "workflows/plan.py::plan_request": "`ks-reset` and the name of the playbook",
}
"""Functions whose messages get their command from elsewhere."""
READING = {
    "Unknown",
    "Retry",
    "Conflict",
    "Forbidden",
    "_NotAccepted",
    "Denied",
    "NotFound",
    "NotServed",
    "Gone",
    "Invalid",
}
MECHANISMS = {
    "apply/*": (READING, "apply/run.py, _noting_early_end: the run has stopped, and the same command continues"),
    "cluster/*": (READING, "cli/corrections.py, add_look_at_cluster: kubectl, then the same command"),
    "simulation/events.py": ({"Usage"}, "apply_event leaves the event out of the call"),
}
"""By files, the errors that get their way on from what catches them all."""


TESTS = SOURCE.parent / "tests"
STATES = msgspec.yaml.decode((Path(__file__).parent / "ways_on.yaml").read_bytes(), type=dict[str, dict[str, str]])
"""`taken`, `told` and `read`: by `file::function` of the message, the test of its state; `*` stands for any name."""
CORRECTED = {case.site for case in CASES}
"""The messages whose corrected calls are typed by tests/cli/test_corrected.py."""
Message = tuple[str, ast.Call]


def messages() -> Iterator[Message]:
    """`file::function:line` and the call of each message of these families, rehearsals left out."""
    for path in sorted(SOURCE.rglob("*.py")):
        inside = path.relative_to(SOURCE).as_posix()
        if inside.startswith("rehearsal/"):
            continue
        tree = ast.parse(path.read_text())
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FAMILIES:
                around = [each for each in functions if each.lineno <= node.lineno <= (each.end_lineno or 0)]
                name = max(around, key=lambda each: each.lineno).name
                yield f"{inside}::{name}:{node.lineno}", node


def has_command(call: ast.Call) -> bool:
    """Whether the text of the message has a command, or a value or a correction that is named as one."""
    texts = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    names = [getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(call)]
    said = " ".join("".join(texts).split())
    if COMMAND.search(said) or SAME_COMMAND.search(said) or any(map(MADE.search, names)):
        return True
    return getattr(call.func, "id", "") in ("Usage", "TooLarge") and len(call.args) > 1  # a correction of the call


def gets_command(place: str, call: ast.Call) -> bool:
    """Whether what catches the message adds a command."""
    function, family = place.rpartition(":")[0], getattr(call.func, "id", "")
    by_all = any(fnmatch(function, f"{files}*") and family in names for files, (names, _) in MECHANISMS.items())
    return by_all or function in ELSEWHERE


FOUND = list(messages())
FUNCTIONS = sorted({place.rpartition(":")[0] for place, _ in FOUND})


@pytest.mark.parametrize("place", [place for place, _ in FOUND])
def test_a_refusal_has_a_way_on(place: str) -> None:
    call = dict(FOUND)[place]
    assert has_command(call) or gets_command(place, call), ast.unparse(call)


def test_the_messages_are_found() -> None:
    assert len(FOUND) > 250
    assert {*FUNCTIONS} >= ELSEWHERE.keys()


@pytest.mark.parametrize(
    ("source", "has"),
    [
        ('Usage(f"{path} cannot be read.")', False),
        ('Usage(f"{path} cannot be read.", other_file(path))', True),
        ('Refused(f"ks-reset has no folder {kind}.")', False),
        ('Stopped(f"{why}. Mend that, then run the same command again.")', True),
        ('Unknown(f"{gap.what} could not be read.")', False),
    ],
)
def test_a_command_or_a_correction_is_a_way_on_and_prose_is_none(source: str, *, has: bool) -> None:
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call)
    assert has_command(call) is has


def lines_of(function: str) -> list[str]:
    """The tests of a function's messages: by its own line, else by that of a group."""
    own = [tests[function] for tests in STATES.values() if function in tests]
    groups = [test for tests in STATES.values() for place, test in tests.items() if fnmatch(function, place)]
    return own or groups[:1]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_refusal_has_a_state_in_which_a_test_meets_it(function: str) -> None:
    lines = lines_of(function)
    assert len(lines) == 1 or (not lines and function in CORRECTED), lines
    for test in lines:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (TESTS / file).read_text(), test


def test_no_state_is_left_of_a_refusal_that_is_gone() -> None:
    lines = {place for tests in STATES.values() for place in tests}
    assert not [place for place in lines if not any(fnmatch(function, place) for function in FUNCTIONS)]
    assert not lines & CORRECTED
