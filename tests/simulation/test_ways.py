"""A refused plan says the way on."""

import pytest

from ks_reset.errors import Refused
from ks_reset.model import Options
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import load_playbook
from ks_reset.simulation import foresee_consequences, refuse_losses
from tests.build import facts
from tests.simulation.test_foresee import DEAD, MARKED


def test_a_plan_refused_by_a_dead_webhook_names_its_backend_and_the_commands_to_remove_it() -> None:
    known = facts([DEAD, MARKED])
    plan = planning.make_plan(load_playbook("uninstall"), known, Options())
    with pytest.raises(Refused) as refused:
        refuse_losses(plan, foresee_consequences(plan, known), known)
    said, named = str(refused.value), "validatingwebhookconfigurations.admissionregistration.k8s.io of-a-user"
    assert "kubectl --context host -n x get endpoints x shows an address" in said
    assert f"get {named} -o yaml > of-a-user.yaml && kubectl --context host delete {named}. Then run" in said
    gone = facts([MARKED])
    plan = planning.make_plan(load_playbook("uninstall"), gone, Options())
    refuse_losses(plan, foresee_consequences(plan, gone), gone)
