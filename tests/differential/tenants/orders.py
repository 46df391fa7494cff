"""Orders of events that lose less than the simulation's: a loss they spare depends on which controller is faster.

kubefed and ks-controller-manager are two processes, and a namespace waits in a queue of one worker (kubesphere v3.3.1
and v3.4.1, pkg/controller/namespace/namespace_controller.go, MaxConcurrentReconciles) or of two (v4.1.3, the same
file), which no event of a Workspace fills: nothing orders its turn and that of the garbage collector.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CASCADING_FINALIZER, NAMESPACE_KEY, WORKSPACE_KEY, WORKSPACE_LABEL
from ks_reset.simulation.actors import ks_controller_manager as manager
from ks_reset.simulation.actors import kubefed, manager_version, workspace_templates
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.placement import type_configs
from ks_reset.simulation.run import TIERS, Tiers
from ks_reset.simulation.state import State


def forget_targets(state: State) -> Iterable[Transition]:
    """kubefed takes its label off targets before ks-controller-manager makes their federated object."""
    for config in type_configs(state) if kubefed.is_running(state) else ():
        yield from kubefed._unmark_forgotten(state, config)


def release_namespaces(state: State) -> Iterable[Transition]:
    """4.1.3 takes the owners off namespaces before it deletes a Workspace (Reconcile and cleanUp of the same file).

    All owners off those with the label and without its finalizer, Workspaces off those without the label.
    """
    for namespace in state.of_kind(NAMESPACE_KEY):
        versions = manager_version.running_versions(state, namespace.id.cluster)
        if not namespace.deleting and any(version and version >= manager_version.UNBOUND for version in versions):
            after = _without_owners(namespace)
            if after != namespace:
                yield Transition(manager.ACTOR, Effect.UNTIES, namespace.id, after, None, "", "", "")


def _without_owners(namespace: SimObject) -> SimObject:
    if namespace.label_value(WORKSPACE_LABEL) is None:
        return namespace.with_fields(owners=tuple(tie for tie in namespace.owners if tie.key != WORKSPACE_KEY))
    if CASCADING_FINALIZER in namespace.finalizers:
        return namespace
    return namespace.with_fields(owners=(), finalizers=(*namespace.finalizers, CASCADING_FINALIZER))


ACTS = (release_namespaces, forget_targets, manager.unbind_namespaces, workspace_templates.orphan_dependents)
ORDERS: tuple[Tiers, ...] = (*(((act,), *TIERS) for act in ACTS), (ACTS, *TIERS))
"""Each of these repairing acts before everything else, and all of them."""
