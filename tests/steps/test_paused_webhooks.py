"""A playbook that pauses the backend of a webhook goes through it, and the webhook is there afterwards."""

import pytest
from msgspec import structs

from ks_reset.catalogue.names import CLUSTER_KEY, KUBEFED_CLUSTER_KEY, VALIDATING_WEBHOOK_KEY
from ks_reset.model import Create, Delete
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import load_playbook
from ks_reset.simulation import foresee_consequences, refuse_losses
from tests.cases import FOLDER, load_case
from tests.steps.test_steps import StepCase

CASE = FOLDER / "steps" / "return_webhooks" / "backend_paused.yaml"


@pytest.mark.parametrize("playbook", ["forget-member", "detach-member"])
def test_a_record_under_a_webhook_of_the_paused_controller_can_be_removed(playbook: str) -> None:
    known, options = load_case(CASE, StepCase).facts, load_case(CASE, StepCase).options
    plan = planning.make_plan(load_playbook(playbook), known, options)
    refuse_losses(plan, foresee_consequences(plan, known))


def test_a_run_cut_off_after_the_deletion_still_creates_the_webhook() -> None:
    case = load_case(CASE, StepCase)
    book, known = load_playbook("forget-member"), case.facts
    plan = planning.make_plan(book, known, case.options)
    gone = (VALIDATING_WEBHOOK_KEY, CLUSTER_KEY, KUBEFED_CLUSTER_KEY)
    left = {key: () if key in gone else objs for key, objs in known.host.objects.items()}
    later = structs.replace(known, host=structs.replace(known.host, objects=left))
    again = planning.make_plan(book, later, plan.options)
    created = [a for a in again.actions if isinstance(a, Create)]
    assert created == [a for a in plan.actions if isinstance(a, Create)]
    assert created[0].name == "cluster.kubesphere.io"
    assert "uid" not in created[0].body["metadata"]
    assert not [a for a in again.actions if isinstance(a, Delete)]


def test_a_webhook_that_was_dead_before_the_pause_stays_away_in_the_plans_of_its_run() -> None:
    dead, paused = (
        load_case(CASE.with_name(f"{name}.yaml"), StepCase) for name in ("backend_gone", "paused_by_an_earlier_run")
    )
    book = load_playbook("forget-member")
    plan = planning.make_plan(book, dead.facts, dead.options)
    again = planning.make_plan(book, paused.facts, plan.options)
    assert not [action for action in (*plan.actions, *again.actions) if isinstance(action, Create)]
