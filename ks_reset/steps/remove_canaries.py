"""Delete the canaries: they have done their part."""

from collections.abc import Iterable

from ks_reset.catalogue.ownership import CANARY_LABEL, is_canary
from ks_reset.model import Action, ClusterFacts, Verb
from ks_reset.steps.step import Step, StepContext
from ks_reset.tenancy import canary
from ks_reset.tenancy.memberships import flocks

WHY = "A canary is ks-reset's own and nobody else's; it must not stay behind."


def actions(ground: StepContext) -> Iterable[Action]:
    """Without a UID, since a plan names them before they are there; what tells them is ks-reset's own label."""
    flying = flocks(ground.facts, ground.options.memory) if "send-canaries" in ground.steps else []
    for world in ground.facts.clusters:
        there = {o.name: o.labels[CANARY_LABEL] for o in world.of("Namespace") if is_canary(o)}
        there |= {canary.name(workspace): workspace for where, workspace in flying if where is world}
        yield from (_delete(world, name, workspace) for name, workspace in sorted(there.items()))


def _delete(world: ClusterFacts, name: str, workspace: str) -> Action:
    why = f"the canary of {workspace}"
    return Action(STEP.name, world.identity, Verb.DELETE, canary.NAMESPACE, name, why=why)


STEP = Step("remove-canaries", WHY, after=("rebind-namespaces|unbind",), actions=actions)
