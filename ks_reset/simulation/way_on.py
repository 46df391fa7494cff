"""The commands by which an operator goes on after a plan was refused."""

from ks_reset import catalogue
from ks_reset.catalogue.names import WEBHOOK_KEYS
from ks_reset.model import Plan
from ks_reset.simulation.chains import Consequence


def way_past_refusal(plan: Plan, effect: Consequence) -> str:
    """What to do where the API server would refuse a request: about the webhook, if it is one, then the plan again."""
    key, _, rest = effect.detail.partition(" ")
    again = f"Then make the plan again with the same flags: ks-reset plan {plan.playbook} -o plan.json."
    if key not in WEBHOOK_KEYS:
        return f"Remove the cause; ks-reset doctor shows what is wrong. {again}"
    name = rest.partition(" ")[0]
    context = next((c.context for c in plan.clusters if c.name == effect.cluster), effect.cluster)
    kind, _, group = key.partition(".")
    resource = f"{kind.lower()}s.{group}/{name}"
    if catalogue.is_own_group(name):
        return f"Start its backend, or delete it: kubectl --context {context} delete {resource}. {again}"
    look = f"kubectl --context {context} get {resource} -o yaml"
    return f"Start its backend, or let its owner delete it; the Service it calls: {look}. {again}"


def way_past_loss(plan: Plan) -> str:
    """What to do where a plan would lead to a loss: cut the tie first; where that is the plan, keep the object."""
    if plan.playbook == "defuse":
        return "Keep it meanwhile: ks-reset protect on, with the same flags. What is wrong: ks-reset doctor."
    return (
        "Cut the ties that lead there first: ks-reset plan defuse -o plan.json, with the same flags; apply it, then "
        f"make this plan again: ks-reset plan {plan.playbook} -o plan.json."
    )
