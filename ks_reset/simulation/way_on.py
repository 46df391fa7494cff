"""The commands by which an operator goes on after a plan was refused."""

from ks_reset import catalogue
from ks_reset.catalogue.names import WEBHOOK_KEYS
from ks_reset.facts.dead_webhooks import way_past_webhook
from ks_reset.facts.homeless_objects import homeless_objects, way_past_absence
from ks_reset.model import FleetFacts, Plan
from ks_reset.simulation.chains import Consequence


def way_past_refusal(plan: Plan, effect: Consequence, facts: FleetFacts | None = None) -> str:
    """What to do where the API server would refuse a request: about its cause, then the plan again.

    With the facts of the plan it names the webhook's backend, or the absent namespace.
    """
    key, _, rest = effect.detail.partition(" ")
    again = f"Then make the plan again with the same flags: ks-reset plan {plan.playbook} -o plan.json."
    if facts and (way := _way_by_facts(facts, effect)):
        return f"{way} {again}"
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


def _way_by_facts(facts: FleetFacts, effect: Consequence) -> str:
    """The way past a webhook without a backend, or an absent namespace; "" for another reason of the API server's."""
    for cluster in facts.clusters:
        homeless = {obj.title: obj.namespace for obj in homeless_objects(cluster)}
        if cluster.name == effect.cluster and effect.object in homeless:
            return f"{way_past_absence(cluster, homeless[effect.object])}."
        for configuration in (obj for key in WEBHOOK_KEYS for obj in cluster.of(key)):
            if cluster.name == effect.cluster and effect.detail.startswith(f"{configuration.title} has "):
                return f"{way_past_webhook(cluster, configuration)}."
    return ""
