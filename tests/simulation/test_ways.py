"""A refused plan says the way on."""

import pytest

from ks_reset.errors import Refused
from ks_reset.model import Options
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import load_playbook
from ks_reset.simulation import foresee_consequences, refuse_losses
from tests.build import facts
from tests.shorthand import expand_object
from tests.simulation.test_foresee import DEAD, MARKED


def test_a_plan_refused_by_a_dead_webhook_names_its_backend_and_the_commands_to_remove_it() -> None:
    known = facts([DEAD, MARKED])
    plan = planning.make_plan(load_playbook("uninstall"), known, Options())
    with pytest.raises(Refused) as refused:
        refuse_losses(plan, foresee_consequences(plan, known), known)
    said, named = str(refused.value), "validatingwebhookconfigurations.admissionregistration.k8s.io of-a-user"
    assert "kubectl --context host -n x get endpoints x shows an address" in said
    assert (
        f"get {named} -o yaml > of-a-user.yaml && kubectl --context host delete {named}. Then make the plan again"
        in said
    )
    gone = facts([MARKED])
    plan = planning.make_plan(load_playbook("uninstall"), gone, Options())
    refuse_losses(plan, foresee_consequences(plan, gone), gone)


def test_a_plan_that_changes_an_object_of_an_absent_namespace_says_to_create_it_and_then_is_made() -> None:
    marked = {"ConfigMap barn/notes": {"labels": {"kubefed.io/managed": "true"}, "finalizers": ["kubefed.io/x"]}}
    rows = [expand_object(row) for row in ("Namespace kube-system", marked)]
    known = facts(rows)
    plan = planning.make_plan(load_playbook("uninstall"), known, Options())
    with pytest.raises(Refused, match=r"404.* kubectl --context host create namespace barn. .* make the plan again"):
        refuse_losses(plan, foresee_consequences(plan, known), known)
    after = facts([*rows, expand_object("Namespace barn")])
    plan = planning.make_plan(load_playbook("uninstall"), after, Options())
    refuse_losses(plan, foresee_consequences(plan, after), after)
