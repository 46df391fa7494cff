"""Cut namespaces loose from their Workspaces again: KubeSphere's label and the ownerReference, in one patch."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts import canary
from ks_reset.facts.workspaces import LABEL, workspace_owner
from ks_reset.model import Action, Marks, Obj, Verb
from ks_reset.steps.step import Ground, Step

WHY = "A namespace that names no Workspace is out of the garbage collector's reach, whatever becomes of that."


def actions(ground: Ground) -> Iterable[Action]:
    """Of all that are bound, or of those that a memory says were to be bound."""
    memory = ground.options.memory
    ours = {(bond.cluster, bond.uid) for bond in memory.bonds} if memory else None
    for world in ground.facts.worlds:
        for namespace in world.of("Namespace"):
            if _users(namespace) and (ours is None or (world.identity, namespace.uid) in ours):
                marks = _ties(namespace)
                if marks:
                    why = "garbage collection deletes it with its Workspace"
                    yield Action.on(namespace, STEP.name, world.identity, Verb.STRIP, why, marks=marks)


def _users(namespace: Obj) -> bool:
    return not (catalogue.system_namespace(namespace.name) or canary.is_canary(namespace) or namespace.deleting)


def _ties(namespace: Obj) -> Marks:
    owner = workspace_owner(namespace)
    return Marks(labels=(LABEL,) if LABEL in namespace.labels else (), owners=(owner,) if owner else ())


STEP = Step("unbind", WHY, after=("fasten-seatbelt",), actions=actions)
