"""Every case under tests/cases/steps: facts in, actions out."""

import pytest

from ks_reset.model import Action, Options
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import Entry, Playbook
from ks_reset.steps import STEPS
from tests.cases import FleetCase, load_cases, subjects


class StepCase(FleetCase, kw_only=True, forbid_unknown_fields=True):
    """`along` names steps that are planned before the one under test, `kept` the objects that the plan leaves."""

    options: Options = Options()
    scope: str = "fleet"
    along: tuple[str, ...] = ()
    actions: list[str]
    kept: list[str] = []


@pytest.mark.parametrize("case", load_cases("steps", StepCase), ids=str)
def test_a_step_plans_these_actions(case: StepCase) -> None:
    names = [*case.along, case.subject.replace("_", "-")]
    playbook = Playbook("test", "", "", case.scope, tuple(Entry(name, "") for name in names))
    plan = planning.make(playbook, case.facts, case.options)
    planned = [action for action in plan.actions if action.step == names[-1]]
    assert [said(action) for action in planned] == case.actions, case.why
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


def test_every_step_has_a_case() -> None:
    assert {name.replace("-", "_") for name in STEPS} == subjects("steps")
