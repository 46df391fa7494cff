"""The rest of a component whose program is gone: deleted only if a run of this plan deleted the program."""

from pathlib import Path
from typing import Any

import pytest

from ks_reset.apply.remaining import remaining_actions
from ks_reset.errors import Stale
from ks_reset.journal import Journal
from ks_reset.model import Delete, FleetFacts, Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests import weave
from tests.build import facts
from tests.commands import has_way_on
from tests.shorthand import expand_case

SERVICE = {
    "Service weave/weave-scope-app": {
        "spec": {"selector": weave.LABELS, "ports": [{"name": "app", "port": 80, "targetPort": 4040}]}
    }
}
REST = (weave.NAMESPACE, SERVICE, "ConfigMap weave/mine")


def fleet(*rows: Any) -> FleetFacts:
    return facts(expand_case({"host": list(rows)})["host"])


def plan_of(known: FleetFacts) -> Plan:
    return planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())


def remaining(approved: Plan, journal: Journal | None) -> list[str]:
    now = fleet(*REST, "Deployment weave/of-a-user")
    return [a.target for a in remaining_actions(approved, plan_of(now), now, journal) if isinstance(a, Delete)]


@pytest.fixture
def approved() -> Plan:
    plan = plan_of(fleet(*REST, weave.PROGRAM))
    assert {a.target for a in plan.actions if isinstance(a, Delete)} == {
        "Deployment.apps weave/weave-scope-app",
        "Service weave/weave-scope-app",
    }
    return plan


@pytest.mark.parametrize("begun", [True, False])
def test_the_rest_of_a_program_that_somebody_else_deleted_stops_the_run(
    approved: Plan, begun: bool, tmp_path: Path
) -> None:
    with pytest.raises(Stale, match=r"may be a user's now.*ks-reset plan uninstall --out plan\.json") as stopped:
        remaining(approved, Journal(tmp_path) if begun else None)
    assert has_way_on(str(stopped.value))


def test_the_rest_of_a_program_that_this_plan_deleted_goes(approved: Plan, tmp_path: Path) -> None:
    program = next(a for a in approved.actions if isinstance(a, Delete) and a.kind.kind == "Deployment")
    with Journal(tmp_path) as journal:
        journal.begin_action(program, {})
    assert remaining(approved, Journal(tmp_path)) == ["Service weave/weave-scope-app"]
