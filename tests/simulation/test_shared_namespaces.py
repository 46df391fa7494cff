"""What an uninstall takes of a namespace with upstream's name, from the plan to the seatbelt that lets it go."""

from typing import Any

from ks_reset import seatbelt
from ks_reset.apply.write.seatbelt import let_go_namespaces
from ks_reset.model import FleetFacts, Obj, Options, Outcome, Plan, Request
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.simulation import foresee_consequences, refuse_losses
from ks_reset.workflows.consequences import planned_consequences
from tests import weave
from tests.build import facts
from tests.shorthand import expand_case

MINE = "ConfigMap weave/my-notes"


def known(*more: Any) -> FleetFacts:
    return facts(
        expand_case({"host": ["Namespace kube-system", "Namespace kubesphere-system", *weave.SCOPE, *more]})["host"]
    )


def uninstall(fleet: FleetFacts, *discard: str) -> Plan:
    return planning.make_plan(playbooks.load_playbook("uninstall"), fleet, Options(Request(discard=discard)))


def gone(fleet: FleetFacts, plan: Plan) -> dict[str, str]:
    """Whose each object is that goes without being named in the plan. A loss raises Refused."""
    consequences = foresee_consequences(plan, fleet)
    refuse_losses(plan, consequences, fleet)
    planned = planned_consequences(plan.request, consequences, fleet)
    return {each.object: each.whose for each in planned if each.fate == Outcome.DELETED}


def test_what_follows_from_a_whole_namespace_is_no_loss() -> None:
    fleet = known()
    assert gone(fleet, uninstall(fleet)) == {
        "Deployment.apps weave/weave-scope-app": "kubesphere",
        "ReplicaSet.apps weave/weave-scope-app-74": "controller",
    }


def test_what_follows_from_single_objects_is_no_loss_and_the_rest_stays() -> None:
    fleet = known(MINE, "Endpoints weave/mine", {"ReplicaSet weave/mine-1": {"owners": ["Deployment weave/mine"]}})
    plan = uninstall(fleet)
    assert gone(fleet, plan) == {"ReplicaSet.apps weave/weave-scope-app-74": "controller"}
    assert [kept.object for kept in plan.kept] == ["Namespace weave"]


def test_the_seatbelt_lets_the_namespace_go_and_no_other_of_such_a_name() -> None:
    whole, shared = known(), known(MINE)
    assert let_go_namespaces(uninstall(whole), "uid-of-host") == ("weave",)
    assert let_go_namespaces(uninstall(shared), "uid-of-host") == ()
    assert let_go_namespaces(uninstall(whole), "uid-of-another") == ()
    namespace = whole.host.get("Namespace", "weave")
    assert isinstance(namespace, Obj)
    assert seatbelt.denies_deletion(namespace)
    assert not seatbelt.denies_deletion(namespace, ("weave",))
