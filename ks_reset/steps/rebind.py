"""Bind the others in batches, each twice as large as the one before, with a watch after each.

Labels are all that is written: to 4.1.2 KubeSphere's controller makes the Workspace the namespace's owner, from 4.1.3
on it makes roles and puts its finalizer on (kubesphere, pkg/controller/namespace/namespace_controller.go).
"""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from ks_reset.facts.workspaces import WORKSPACE, binding
from ks_reset.model import Action, ClusterFacts, Gift, Membership, Verb
from ks_reset.steps.actions import steady
from ks_reset.steps.step import Step, StepContext
from ks_reset.tenancy.memberships import batches, pending

WHY = "What shows only under load shows while few namespaces hang on it, and they can be unbound."
SECONDS = 30
"""Seconds after a batch: kubefed's look at its clusters, and the time that a Workspace needs to be made anew."""


def actions(ground: StepContext) -> Iterable[Action]:
    for world in ground.facts.clusters:
        yield from bound(STEP.name, ground, world, first=False)


def bound(step: str, ground: StepContext, world: ClusterFacts, *, first: bool) -> Iterable[Action]:
    """The namespaces of one cluster that are still to be bound: the first of all, or all but that one."""
    memory = ground.options.memory
    left = set(pending(ground.facts, memory))
    mine = [(n, b) for n, b in batches(memory)] if memory else []
    mine = [(n, b) for n, b in mine if b.cluster == world.identity and b in left and (n == 0) == first]
    for batch, group in groupby(mine, itemgetter(0)):
        bonds = [bond for _, bond in group]
        yield from (_bind(step, world, bond) for bond in bonds)
        yield from _watched(step, ground, world, bonds, batch)


def _bind(step: str, world: ClusterFacts, bond: Membership) -> Action:
    namespace = world.get("Namespace", bond.namespace)
    assert namespace is not None, "only what is there is pending"
    gift = Gift(labels={k: v for k, v in binding(world, bond.workspace).items() if namespace.labels.get(k) != v})
    return Action.on(namespace, step, world.identity, Verb.MARK, f"it belonged to {bond.workspace}", gift=gift)


def _watched(
    step: str, ground: StepContext, world: ClusterFacts, bonds: list[Membership], batch: int
) -> Iterable[Action]:
    kind, seconds = world.kinds.get(WORKSPACE), min(ground.options.watch or SECONDS, SECONDS)
    why = f"{len(bonds)} more namespace(s) hang on the Workspaces of {world.name}"
    for workspace in sorted({bond.workspace for bond in bonds if bond.there}):
        if kind:
            yield steady(step, world, kind, workspace, why, seconds=seconds, batch=batch)


STEP = Step("rebind-namespaces", WHY, after=("rebind-first",), actions=actions)
