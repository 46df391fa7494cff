"""Every case under tests/cases/findings and tests/cases/steps: facts in, findings or actions out."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from ks_reset import findings
from ks_reset.findings.blocking import with_blocks
from ks_reset.model import Action, ExternalAnswers, Finding, Options, SourceContent, Values
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import Entry, Playbook
from ks_reset.steps import STEPS
from tests.build import facts

CASES = Path(__file__).parent / "cases"
Rows = list[dict[str, Any]]


class Case(Struct, forbid_unknown_fields=True):
    """`options` are those of a plan; `along` names steps that are planned along with the one under test.

    A rule of findings/install is asked with `values`, and with the answers of registry and source, `external`.
    """

    why: str
    host: Rows
    members: dict[str, Rows] = {}
    dials: Rows = []
    gaps: Rows = []
    read: dict[str, dict[str, Any]] = {}
    missing: Rows = []
    options: Options = Options()
    values: Values | None = None
    external: ExternalAnswers = ExternalAnswers(SourceContent())
    scope: str = "fleet"
    along: tuple[str, ...] = ()
    findings: Rows | None = None
    actions: list[str] | None = None
    kept: list[str] = []


def load(path: Path) -> Case:
    return msgspec.yaml.decode(path.read_bytes(), type=Case)


def found(folder: str) -> list[Any]:
    paths = sorted((CASES / folder).rglob("*.yaml"))
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in paths]


def findings_of(rule: str, case: Case) -> list[Finding]:
    """What the rule in the module of this name finds, each with what it stops."""
    given = facts(case.host, case.members, case.dials, case.gaps, case.read, case.missing)
    if case.values:
        return [f for f in findings.check_install(case.values, given, case.external) if f.id == rule.replace("_", "-")]
    check = next(r for r in findings.RULES if r.__module__.endswith(f".{rule}"))
    return [with_blocks(finding, given, case.options) for finding in check(given, case.options)]


@pytest.mark.parametrize("path", found("findings"))
def test_findings(path: Path) -> None:
    case = load(path)
    got = findings_of(path.parent.name, case)
    rows = [
        {"id": f.id, "severity": f.severity.value, "objects": [e.object for e in f.evidence], "blocks": list(f.blocks)}
        | ({"cluster": f.evidence[0].cluster, "title": f.title} if case.values else {})
        for f in got
    ]
    assert rows == case.findings, case.why
    assert all(f.next and f.cure and f.evidence for f in got)


@pytest.mark.parametrize("path", found("steps"))
def test_steps(path: Path) -> None:
    case = load(path)
    names = [*case.along, path.parent.name.replace("_", "-")]
    playbook = Playbook("test", "", "", case.scope, tuple(Entry(name, "") for name in names))
    plan = planning.make(playbook, facts(case.host, case.members, case.dials), case.options)
    mine = [a for a in plan.actions if a.step == names[-1]]
    assert [said(a) for a in mine] == case.actions, case.why
    assert [kept.object for kept in plan.kept] == case.kept


def said(action: Action) -> str:
    """`cluster: verb target`, and what a STRIP takes off, a MARK puts on or a SCALE sets."""
    cluster = action.cluster.removeprefix("uid-of-")
    marks = action.marks
    off = [*marks.labels, *marks.annotations, *marks.finalizers, *(f"{o.kind} {o.name}" for o in marks.owners)]
    more = f" -{' -'.join(off)}" if off else f" to {action.replicas}" if action.verb == "scale" else ""
    gift = action.gift
    on = [*(f"{k}={v}" for k, v in {**gift.labels, **gift.annotations}.items()), *gift.finalizers]
    on += [f"{owner['kind']} {owner['name']}" for owner in gift.owners]
    more += "".join(f" +{each}" for each in on) + (f" for {action.seconds} s" if action.verb == "steady" else "")
    return f"{cluster}: {action.verb} {action.target}{more}"


def test_every_rule_and_every_step_has_a_case() -> None:
    rules = {r.__module__.rpartition(".")[2] for r in (*findings.RULES, *findings.INSTALL_RULES)}
    assert rules == {path.name for path in (CASES / "findings").iterdir()}
    assert {name.replace("-", "_") for name in STEPS} == {path.name for path in (CASES / "steps").iterdir()}
