"""Cut namespaces loose from their Workspaces again: KubeSphere's labels, finalizer and ownerReference, in one patch.

Without the label, 4.1.3 does not put its finalizer on again; with the finalizer left on, it would make no roles at the
next binding (kubesphere v4.1.3, pkg/controller/namespace/namespace_controller.go, Reconcile).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.ownership import is_canary
from ks_reset.facts.workspaces import CASCADING, LABEL, MANAGED, workspace_owner
from ks_reset.model import Action, Marks, Obj, Verb
from ks_reset.steps.step import Step, StepContext

WHY = "A namespace that names no Workspace is out of the garbage collector's reach, whatever becomes of that."


def actions(ground: StepContext) -> Iterable[Action]:
    """Of all that are bound, or of those that a memory says were to be bound."""
    memory = ground.options.memory
    ours = {(bond.cluster, bond.uid) for bond in memory.bonds} if memory else None
    for world in ground.facts.clusters:
        for namespace in world.of("Namespace"):
            if _users(namespace) and (ours is None or (world.identity, namespace.uid) in ours):
                marks = _ties(namespace)
                if marks:
                    why = "garbage collection deletes it with its Workspace"
                    yield Action.on(namespace, STEP.name, world.identity, Verb.STRIP, why, marks=marks)


def _users(namespace: Obj) -> bool:
    return not (catalogue.system_namespace(namespace.name) or is_canary(namespace) or namespace.deleting)


def _ties(namespace: Obj) -> Marks:
    owner = workspace_owner(namespace)
    return Marks(
        labels=tuple(key for key in (LABEL, MANAGED) if key in namespace.labels),
        finalizers=tuple(f for f in namespace.finalizers if f == CASCADING),
        owners=(owner,) if owner else (),
    )


STEP = Step("unbind", WHY, after=("fasten-seatbelt",), actions=actions)
