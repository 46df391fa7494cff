"""Cut the ties between users' objects and objects to delete: ownerReferences, labels, finalizers.

One patch an object, each entry tested. Garbage collection deletes a namespace whose owner's UID is not found
(Kubernetes v1.24, pkg/controller/garbagecollector/garbagecollector.go).
"""

from collections.abc import Iterable

from msgspec import structs

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CASCADING_FINALIZER,
    KUBEFED_CLUSTER_KEY,
    KUBEFED_MANAGED_LABEL,
    KUBESPHERE_MANAGED_LABEL,
    NAMESPACE_KEY,
    WORKSPACE_LABEL,
)
from ks_reset.catalogue.ownership import is_canary
from ks_reset.facts import federation
from ks_reset.facts.join_accounts import foreign_joins
from ks_reset.facts.mark_readers import MarkReaders
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.facts.workspaces import workspace_owner
from ks_reset.model import Action, ClusterFacts, Marks, Obj, RemoveMarks, Skipped
from ks_reset.simulation import added_marks, losses_by_time, threatening_marks
from ks_reset.steps.components import why_belted
from ks_reset.steps.step import Step, StepContext


def sever_marks(context: StepContext) -> Iterable[Action | Skipped]:
    """Remove the marks of KubeSphere and kubefed from all other objects.

    ownerReferences to them, finalizers without a running controller, and the labels: the next host would claim the
    objects by them. Templates are left alone, and so are the labels and annotations of what is made from them: a change
    there restarts pods, and the next Pod has them again. Marks with a reader that stays, or with an unknown one, stay
    as well; and so does the label of a shared namespace that a seatbelt keeps with all its
    contents: without it, the next plan could not tell whose they are.
    """
    added = added_marks(context.facts)
    for cluster in context.facts.clusters:
        readers, shared = MarkReaders(cluster, context.request), SharedNamespaces(cluster, context.request)
        for obj in cluster.all():
            if context.is_removed(obj, cluster):
                continue
            marks, kept = readers.removable_marks(obj)
            if obj.kind.key == NAMESPACE_KEY and shared.is_proven_by_label(obj) and why_belted(cluster, obj):
                why = f"it proves whose the namespace is, and {why_belted(cluster, obj)}"
                marks, kept = _without_proof(marks), {**kept, WORKSPACE_LABEL: why}
            possible, _ = readers.split(added.get((cluster.identity, obj.uid), Marks()))
            if marks or possible:
                why = _why_severed(marks, possible)
                yield RemoveMarks.on(obj, SEVER.name, cluster.identity, why, marks=marks, possible=possible)
            yield from (Skipped(cluster.name, obj.title, f"keeps {key}: {why}") for key, why in kept.items())
            templated = () if catalogue.is_made_from_template(obj) else catalogue.marks_in_templates(obj)
            yield from (Skipped(cluster.name, obj.title, _why_in_template(key)) for key in templated)


def _why_in_template(key: str) -> str:
    return f"keeps {key} in its template, and so does what is made from it: a change of the template restarts pods"


def _without_proof(marks: Marks) -> Marks:
    labels = {key: value for key, value in marks.labels.items() if key != WORKSPACE_LABEL}
    return structs.replace(marks, labels=labels)


def _why_severed(marks: Marks, possible: Marks) -> str:
    why = "these marks are KubeSphere's" if marks else ""
    if owners := _owner_names(marks):
        why = f"it is owned by {owners}: garbage collection would delete it"
    return "; ".join(filter(None, (why, why_possible(possible))))


def why_possible(possible: Marks) -> str:
    """The reason to remove marks that are not there yet; "" for none."""
    names = ", ".join(possible.names)
    return f"until the controllers are quiet they may add {names}, to be removed too" if names else ""


def _owner_names(marks: Marks) -> str:
    return ", ".join(f"{owner['kind']} {owner['name']}" for owner in marks.owners)


def unmark_spread_objects(context: StepContext) -> Iterable[Action]:
    """Remove kubefed's label from the objects spread by a host to a leaving member.

    A later kubefed claims every object with the label, and deletes those without a placement there
    (kubefed v0.8.1, pkg/controller/sync/controller.go, syncToClusters). On a member shared with another host, only the
    targets of this host's federated objects lose the label.
    """
    for cluster in context.detached_clusters:
        shared = foreign_joins(context.facts, cluster, context.options)
        along = _record_uid(context, cluster) if shared else ""
        why = "this host spread it" if shared else "a kubefed spread it"
        for obj in _spread_objects(context, cluster) if shared else cluster.all():
            if obj.labels.get(KUBEFED_MANAGED_LABEL) == "true" and not context.is_removed(obj, cluster):
                marks = Marks(labels={KUBEFED_MANAGED_LABEL: "true"})
                yield RemoveMarks.on(obj, UNMARK.name, cluster.identity, why, marks=marks, along=along)


def _record_uid(context: StepContext, cluster: ClusterFacts) -> str:
    """The UID of a record of this host for the cluster; "" for none."""
    records = federation.records_of(context.facts, cluster)
    return next((r.uid for r in context.facts.host.of(KUBEFED_CLUSTER_KEY) if r.name in records), "")


def _spread_objects(context: StepContext, cluster: ClusterFacts) -> Iterable[Obj]:
    """The targets of this host's federated objects on a cluster."""
    host, records = context.facts.host, federation.records_of(context.facts, cluster)
    for target in federation.federated_targets(host):
        obj = cluster.get(target.key, target.name, target.namespace)
        if obj and federation.target_placement(host, target) & records:
            yield obj


def unbind_namespaces(context: StepContext) -> Iterable[Action]:
    """Remove KubeSphere's labels, finalizer and ownerReference from bound namespaces, in one patch.

    From all of them, or from those in the memory, if one is given. Without the label, 4.1.3 does not add its
    finalizer again; with the finalizer left on, it would create no roles at the next binding (kubesphere v4.1.3,
    pkg/controller/namespace/namespace_controller.go, Reconcile).
    """
    memory = context.material.memory
    remembered = {(bond.cluster, bond.uid) for bond in memory.bonds} if memory else None
    added = added_marks(context.facts)
    for cluster in context.facts.clusters:
        for namespace in cluster.of(NAMESPACE_KEY):
            mine = remembered is None or (cluster.identity, namespace.uid) in remembered
            if mine and _is_business(namespace) and (marks := _binding_marks(namespace)):
                possible = Marks(owners=added.get((cluster.identity, namespace.uid), Marks()).owners)
                reasons = ("garbage collection deletes it with its Workspace", why_possible(possible))
                why = "; ".join(filter(None, reasons))
                yield RemoveMarks.on(namespace, UNBIND.name, cluster.identity, why, marks=marks, possible=possible)


def _is_business(namespace: Obj) -> bool:
    return not (catalogue.own_namespace_entry(namespace) or is_canary(namespace) or namespace.deleting)


def _binding_marks(namespace: Obj) -> Marks:
    owner = workspace_owner(namespace)
    references = namespace.meta.get("ownerReferences") or []
    return Marks(
        labels={
            key: namespace.labels[key] for key in (WORKSPACE_LABEL, KUBESPHERE_MANAGED_LABEL) if key in namespace.labels
        },
        finalizers=tuple(f for f in namespace.finalizers if f == CASCADING_FINALIZER),
        owners=tuple(r for r in references if owner and r["uid"] == owner.uid),
    )


def cut_ties(context: StepContext) -> Iterable[Action]:
    """Remove only marks that would delete users' objects: an owner of KubeSphere's, or kubefed's label.

    The simulation lists the objects lost if every controller ran, or if KubeSphere's types returned.
    """
    added = added_marks(context.facts)
    for threatened in losses_by_time(context.facts).values():
        for thing, effect in threatened:
            possible = Marks(owners=added.get((thing.id.cluster, thing.uid), Marks()).owners)
            if (marks := threatening_marks(thing, effect)) or possible:
                reasons = (f"it would be lost: {effect.chain[-1].why}", why_possible(possible))
                why = "; ".join(filter(None, reasons))
                yield RemoveMarks.on(thing.obj, CUT_TIES.name, thing.id.cluster, why, marks=marks, possible=possible)


SEVER = Step(
    "sever",
    "A namespace is deleted with the Workspace that owns it, so every tie is cut before any owner is deleted.",
    after=("prove-quiet", "remove-webhooks"),
    actions=sever_marks,
)
UNMARK = Step(
    "unmark",
    "The label allows a kubefed to delete the object; the host that wrote it no longer manages this cluster.",
    after=("prove-quiet|prove-paused",),
    actions=unmark_spread_objects,
    detaches=True,
)
UNBIND = Step(
    "unbind",
    "A namespace that names no Workspace as owner is not deleted with one.",
    after=("fasten-seatbelt",),
    actions=unbind_namespaces,
)
CUT_TIES = Step(
    "cut-ties",
    "Garbage collection deletes what still names an owner that is deleted or being deleted.",
    after=("prove-quiet",),
    actions=cut_ties,
)
