"""Every case under tests/cases/steps: facts in, actions out."""

import pytest

from ks_reset.model import Action, AddMarks, Marks, RemoveMarks, Scale, WaitStable
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import Entry, Playbook
from ks_reset.steps import STEPS
from tests.cases import FleetCase, load_cases, subjects


class StepCase(FleetCase, kw_only=True, forbid_unknown_fields=True):
    """`along` are steps planned before the one under test, `kept` the objects left alone by the plan."""

    scope: str = "fleet"
    along: tuple[str, ...] = ()
    actions: list[str]
    kept: list[str] = []


@pytest.mark.parametrize("case", load_cases("steps", StepCase), ids=str)
def test_a_step_plans_these_actions(case: StepCase) -> None:
    names = [*case.along, case.subject.replace("_", "-")]
    playbook = Playbook("test", "", "", case.scope, tuple(Entry(name, "") for name in names))
    plan = planning.make_plan(playbook, case.facts, case.options)
    planned = [action for action in plan.actions if action.step == names[-1]]
    assert [said(action) for action in planned] == case.actions, case.why
    assert [kept.object for kept in plan.kept] == case.kept


def said(action: Action) -> str:
    """`cluster: verb target`, the marks that it removes (-), also if added by then (~), or adds (+), its replicas."""
    return f"{action.cluster.removeprefix('uid-of-')}: {action.verb} {action.target}{_details(action)}"


def _details(action: Action) -> str:
    match action:
        case Scale():
            return f" to {action.replicas}"
        case RemoveMarks(marks=marks, possible=possible):
            return "".join((*(f" -{e}" for e in _entries(marks)), *(f" ~{e}" for e in _entries(possible))))
        case AddMarks(marks=marks):
            pairs = [f"{key}={value}" for key, value in {**marks.labels, **marks.annotations}.items()]
            return "".join(f" +{entry}" for entry in (*pairs, *marks.finalizers, *_owners(marks)))
        case WaitStable():
            return f" for {action.seconds} s"
        case _:
            return ""


def _entries(marks: Marks) -> list[str]:
    return [*marks.labels, *marks.annotations, *marks.finalizers, *_owners(marks)]


def _owners(marks: Marks) -> list[str]:
    return [f"{owner['kind']} {owner['name']}" for owner in marks.owners]


def test_every_step_has_a_case() -> None:
    assert {name.replace("-", "_") for name in STEPS} == subjects("steps")
