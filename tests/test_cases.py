"""Every case under tests/cases/findings and tests/cases/steps: facts in, findings or actions out."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from ks_reset import findings
from ks_reset.model import Action, AddMarks, Marks, Options, RemoveMarks, Scale, WaitStable
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import Entry, Playbook
from ks_reset.steps import STEPS
from tests.build import asked, facts

CASES = Path(__file__).parent / "cases"
Rows = list[dict[str, Any]]


class Case(Struct, forbid_unknown_fields=True):
    """`options` are those of a plan; `doomed` names steps that are planned along with the one under test."""

    why: str
    host: Rows
    members: dict[str, Rows] = {}
    dials: Rows = []
    gaps: Rows = []
    read: dict[str, dict[str, Any]] = {}
    missing: Rows = []
    options: dict[str, Any] = {}
    scope: str = "fleet"
    along: tuple[str, ...] = ()
    findings: Rows | None = None
    actions: list[str] | None = None
    kept: list[str] = []

    @property
    def asked(self) -> Options:
        return asked(**self.options)


def load(path: Path) -> Case:
    return msgspec.yaml.decode(path.read_bytes(), type=Case)


def found(folder: str) -> list[Any]:
    paths = sorted((CASES / folder).rglob("*.yaml"))
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in paths]


@pytest.mark.parametrize("path", found("findings"))
def test_findings(path: Path) -> None:
    case = load(path)
    rule = next(r for r in findings.RULES if r.__module__.endswith(f".{path.parent.name}"))
    given = facts(case.host, case.members, case.dials, case.gaps, case.read, case.missing)
    got = [
        {"id": f.id, "severity": f.severity.value, "objects": [e.object for e in f.evidence], "blocks": list(f.blocks)}
        for f in rule(given, case.asked)
    ]
    assert got == case.findings, case.why
    assert all(f.next and f.cure for f in rule(given, case.asked))


@pytest.mark.parametrize("path", found("steps"))
def test_steps(path: Path) -> None:
    case = load(path)
    names = [*case.along, path.parent.name.replace("_", "-")]
    playbook = Playbook("test", "", "", case.scope, tuple(Entry(name, "") for name in names))
    plan = planning.make(playbook, facts(case.host, case.members, case.dials), case.asked)
    mine = [a for a in plan.actions if a.step == names[-1]]
    assert [said(a) for a in mine] == case.actions, case.why
    assert [kept.object for kept in plan.kept] == case.kept


def said(action: Action) -> str:
    """`cluster: verb target`, the marks that it removes (-) or adds (+), its replicas or seconds."""
    return f"{action.cluster.removeprefix('uid-of-')}: {action.verb} {action.target}{_details(action)}"


def _details(action: Action) -> str:
    match action:
        case Scale():
            return f" to {action.replicas}"
        case RemoveMarks(marks=marks):
            keys = (*marks.labels, *marks.annotations)
            return "".join(f" -{entry}" for entry in (*keys, *marks.finalizers, *_owners(marks)))
        case AddMarks(marks=marks):
            pairs = [f"{key}={value}" for key, value in {**marks.labels, **marks.annotations}.items()]
            return "".join(f" +{entry}" for entry in (*pairs, *marks.finalizers, *_owners(marks)))
        case WaitStable():
            return f" for {action.seconds} s"
        case _:
            return ""


def _owners(marks: Marks) -> list[str]:
    return [f"{owner['kind']} {owner['name']}" for owner in marks.owners]


def test_every_rule_and_every_step_has_a_case() -> None:
    rules = {r.__module__.rpartition(".")[2] for r in findings.RULES}
    assert rules == {path.name for path in (CASES / "findings").iterdir()}
    assert {name.replace("-", "_") for name in STEPS} == {path.name for path in (CASES / "steps").iterdir()}
