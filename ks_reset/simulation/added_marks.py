"""The marks running controllers may still add to objects: a plan made now has to remove them as well.

A Deployment with replicas counts as running, also if it has no pod now: it may start at any moment before the plan
stops it.
"""

from functools import lru_cache

from ks_reset import catalogue
from ks_reset.catalogue.names import NAMESPACE_KEY, NAMESPACE_NAME_LABEL, NAMESPACES_FINALIZER, WORKSPACE_LABEL
from ks_reset.model import Body, FleetFacts, Marks, Obj
from ks_reset.simulation.actors.manager_version import running_clusters
from ks_reset.simulation.objects import OwnerRef, SimObject
from ks_reset.simulation.standing import FactsKey, as_things_stand
from ks_reset.simulation.state import State

AddedMarks = dict[tuple[str, str], Marks]
"""By cluster identity and UID."""


def added_marks(facts: FleetFacts) -> AddedMarks:
    """The marks added to objects of the facts while all running controllers act to the end; the seatbelt is off."""
    return _added_marks(FactsKey(facts))


@lru_cache(maxsize=4)
def _added_marks(key: FactsKey) -> AddedMarks:
    trace = as_things_stand(key.facts)
    state, added = trace.before, AddedMarks()
    if not state.alive:
        return added
    for transition in trace.transitions:
        before, after = state.objects.get(transition.place), transition.after
        if before and after and after.uid == before.uid and not transition.refused:
            place = before.id.cluster, before.uid
            added[place] = added.get(place, Marks()) | _difference(state, before, after)
    running = running_clusters(state)
    for namespace in state.of_kind(NAMESPACE_KEY):
        if namespace.id.cluster in running and namespace.label_value(WORKSPACE_LABEL) is not None:
            place = namespace.id.cluster, namespace.uid
            added[place] = added.get(place, Marks()) | _marks_of_every_namespace(namespace.obj)
    return {place: marks for place, marks in added.items() if marks}


def _difference(state: State, before: SimObject, after: SimObject) -> Marks:
    """KubeSphere's and kubefed's marks on the object that it did not have before."""
    labels = {key: value for key, value in after.labels if before.label_value(key) != value}
    owners = [owner for owner in after.owners if owner not in before.owners]
    return Marks(
        labels={key: value for key, value in labels.items() if catalogue.is_own_key(key)},
        finalizers=tuple(f for f in after.finalizers if f not in before.finalizers and catalogue.is_own_key(f)),
        owners=tuple(_as_reference(state, before.id.cluster, owner) for owner in owners),
    )


def _as_reference(state: State, cluster: str, owner: OwnerRef) -> Body:
    """An ownerReference without a UID: the owner may be created again before it is written."""
    kind = state.served_kind(cluster, owner.key)
    word, _, group = owner.key.partition(".")
    return {"apiVersion": kind.api_version if kind else f"{group}/v1", "kind": word, "name": owner.name}


def _marks_of_every_namespace(namespace: Obj) -> Marks:
    """The finalizer and the label ks-controller-manager adds to a namespace without the finalizer.

    kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, Reconcile.
    """
    if NAMESPACES_FINALIZER in namespace.finalizers:
        return Marks()
    missing = namespace.labels.get(NAMESPACE_NAME_LABEL) != namespace.name
    labels = {NAMESPACE_NAME_LABEL: namespace.name} if missing else {}
    return Marks(labels=labels, finalizers=(NAMESPACES_FINALIZER,))
