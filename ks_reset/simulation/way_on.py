"""The commands by which an operator goes on after a plan was refused."""

from ks_reset import catalogue
from ks_reset.catalogue.names import WEBHOOK_KEYS
from ks_reset.facts.dead_webhooks import way_past_webhook
from ks_reset.facts.homeless_objects import homeless_objects, way_past_absence
from ks_reset.model import FleetFacts, Marks, Obj, Plan
from ks_reset.simulation.actors import garbage_collector
from ks_reset.simulation.added_marks import added_marks
from ks_reset.simulation.chains import Consequence
from ks_reset.simulation.threats import losses_by_time, threatening_marks


def way_past_refusal(plan: Plan, effect: Consequence, facts: FleetFacts | None = None) -> str:
    """What to do where the API server would refuse a request: about its cause, then the plan again.

    With the facts of the plan it names the webhook's backend, or the absent namespace.
    """
    key, _, rest = effect.detail.partition(" ")
    again = f"Then make the plan again with the same flags: ks-reset plan {plan.playbook} --out plan.json."
    if facts and (way := _way_by_facts(facts, effect)):
        return f"{way} {again}"
    if key not in WEBHOOK_KEYS:
        return f"Remove the cause; ks-reset doctor shows what is wrong. {again}"
    name = rest.partition(" ")[0]
    context = _context(plan, effect)
    kind, _, group = key.partition(".")
    resource = f"{kind.lower()}s.{group}/{name}"
    if catalogue.is_own_group(name):
        return f"Start its backend, or delete it: kubectl --context {context} delete {resource}. {again}"
    look = f"kubectl --context {context} get {resource} -o yaml"
    return f"Start its backend, or let its owner delete it; the Service it calls: {look}. {again}"


def way_past_loss(plan: Plan, effect: Consequence, obj: Obj, facts: FleetFacts | None = None) -> str:
    """What to do where a plan would lead to the loss of an object: cut the tie first; where no tie is cut, keep it.

    Without facts nobody can tell whether defuse cuts a tie.
    """
    again = f"make this plan again: ks-reset plan {plan.playbook} --out plan.json."
    if plan.playbook != "defuse" and (facts is None or _is_tie_cut(facts)):
        first = (
            "Cut the ties that lead there first: ks-reset plan defuse --out plan.json, with the same flags; apply it, "
        )
        return f"{first}then {again}"
    if plan.playbook != "defuse" and obj.owners and effect.chain[-1].actor == garbage_collector.ACTOR:
        return f"It goes with its owner. To keep it, take that off: {_release_command(plan, effect, obj)}. Then {again}"
    return "Keep it meanwhile: ks-reset protect on, with the same flags. What is wrong: ks-reset doctor."


def _is_tie_cut(facts: FleetFacts) -> bool:
    """Whether the playbook defuse has a tie to cut: a mark that leads to a loss, or an owner to be added."""
    added = added_marks(facts)
    return any(
        threatening_marks(owned, effect) or added.get((owned.id.cluster, owned.uid), Marks()).owners
        for losses in losses_by_time(facts).values()
        for owned, effect in losses
    )


def _release_command(plan: Plan, effect: Consequence, obj: Obj) -> str:
    """kubectl, to remove the references to all owners of an object."""
    kubectl = f"kubectl --context {_context(plan, effect)}" + (f" -n {obj.namespace}" if obj.namespace else "")
    patch = """'[{"op":"remove","path":"/metadata/ownerReferences"}]'"""
    return f"{kubectl} patch {obj.kind.resource} {obj.name} --type=json -p {patch}"


def _context(plan: Plan, effect: Consequence) -> str:
    return next((c.context for c in plan.clusters if c.name == effect.cluster), effect.cluster)


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
