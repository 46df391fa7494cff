"""Programs of KubeSphere's makers that run without it: an uninstall lets them be, and verify calls nothing left."""

from typing import Any

from ks_reset.model import Delete, FleetFacts, Options, Request
from ks_reset.plan.playbook import load_playbook
from ks_reset.verify import find_leftovers
from ks_reset.workflows.kept import without_kept
from ks_reset.workflows.plan import checked_plan
from tests.build import facts
from tests.cases import load_cases
from tests.findings.test_healthy import HealthyCase

TYPE = "eips.network.kubesphere.io"
SYSTEM = {"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}


def openelb(*more: dict[str, Any]) -> FleetFacts:
    """A cluster with OpenELB, and these rows beside it."""
    (case,) = (case for case in load_cases("healthy", HealthyCase) if case.name == "openelb")
    return facts([*case.host, *more])


def test_an_uninstall_touches_nothing_of_openelb_and_says_that_its_types_stay() -> None:
    plan = checked_plan(load_playbook("uninstall"), openelb(SYSTEM), Options())
    assert [action.name for action in plan.actions if isinstance(action, Delete)] == ["kubesphere-system"]
    (why,) = (kept.why for kept in plan.kept if kept.object.endswith(TYPE))
    user = "Deployment.apps porter-system/porter-manager, which runs without KubeSphere"
    assert why == f"it stays with its 1 object(s) of {user}"


def test_what_is_of_openelb_is_no_leftover() -> None:
    known = openelb()
    found = find_leftovers(known)
    assert {left.object for left in found} >= {"Eip.network.kubesphere.io office"}
    assert without_kept(known, lambda _: Request(), found) == []


def test_a_type_of_it_goes_where_the_operator_gives_it_up() -> None:
    options = Options(Request(discard=(TYPE,)))
    plan = checked_plan(load_playbook("uninstall"), openelb(SYSTEM), options)
    assert TYPE in [action.name for action in plan.actions if isinstance(action, Delete)]
