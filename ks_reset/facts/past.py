"""What a run changed and deleted, as it was before: from its plan, its journal, and the facts that it began with."""

from collections.abc import Iterable

from msgspec import Struct, convert, structs

from ks_reset.credentials.recorded import image, unrecorded
from ks_reset.model import Action, BeforeImage, Body, Delete, FleetFacts, Marks, Obj, Plan, RemoveMarks, Scale

BY_THEMSELVES = {
    *("Pod", "ReplicaSet.apps", "ControllerRevision.apps", "Endpoints", "Lease.coordination.k8s.io", "Job.batch"),
    *("PropagatedVersion.core.kubefed.io", "ClusterPropagatedVersion.core.kubefed.io"),
}
"""Types that controllers make anew of others, or that say nothing by the time."""
LEADER = "control-plane.alpha.kubernetes.io/leader"
"""The annotation of a leader-election lock that is not a Lease: whoever leads next writes it."""
MADE = {("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")}
"""What Kubernetes makes in every namespace."""


class Sent(Struct, frozen=True):
    """A line of a journal that says what was about to be sent, and the object as it was then."""

    action: Action
    before: Body


def of_run(plan: Plan, before: FleetFacts, events: Iterable[Body]) -> tuple[BeforeImage, ...]:
    """What the run deleted, stripped and scaled; each as it was when the run began."""
    sent = [convert({k: e[k] for k in ("action", "before")}, Sent) for e in events if e["event"] == "begin"]
    was = {(world.identity, obj.uid): obj for world in before.clusters for obj in world.all()}
    for each in sent:
        if each.before:
            obj = Obj(each.action.kind, each.before)
            was.setdefault((each.action.cluster, obj.uid), obj)
    gone = dict.fromkeys([*_deleted(plan), *_followed(plan, before)])
    found = [_deleted_image(cluster, was[cluster, uid]) for cluster, uid in gone if (cluster, uid) in was]
    changed = _merged_changes(a for a in (each.action for each in sent) if (a.cluster, a.uid) not in gone)
    found += [_changed_image(a, was[a.cluster, a.uid]) for a in changed if (a.cluster, a.uid) in was]
    return tuple(past for past in found if not _by_itself(past.obj))


def _deleted(plan: Plan) -> Iterable[tuple[str, str]]:
    return ((a.cluster, a.uid) for a in plan.actions if isinstance(a, Delete))


def _followed(plan: Plan, before: FleetFacts) -> Iterable[tuple[str, str]]:
    """What the plan said would go along."""
    titles = {(each.cluster, each.object) for each in plan.foreseen if each.fate == "deleted"}
    for world in before.clusters:
        yield from ((world.identity, o.uid) for o in world.all() if (world.name, o.title) in titles)


def _merged_changes(actions: Iterable[Action]) -> Iterable[RemoveMarks | Scale]:
    """One action for an object and a verb, with all marks that any of them removed."""
    merged: dict[tuple[str, str, str], RemoveMarks | Scale] = {}
    for action in actions:
        key = (action.cluster, action.uid, action.verb)
        earlier = merged.get(key)
        if isinstance(action, RemoveMarks) and isinstance(earlier, RemoveMarks):
            merged[key] = structs.replace(earlier, marks=_union(earlier.marks, action.marks))
        elif isinstance(action, RemoveMarks | Scale):
            merged.setdefault(key, action)
    return merged.values()


def _union(one: Marks, other: Marks) -> Marks:
    return Marks(
        labels=one.labels | other.labels,
        annotations=one.annotations | other.annotations,
        finalizers=tuple(dict.fromkeys((*one.finalizers, *other.finalizers))),
        owners=(*one.owners, *(owner for owner in other.owners if owner not in one.owners)),
    )


def _changed_image(action: RemoveMarks | Scale, obj: Obj) -> BeforeImage:
    if isinstance(action, RemoveMarks):
        return BeforeImage(action.cluster, obj.kind, obj.body, "remove-marks", action.marks)
    return BeforeImage(action.cluster, obj.kind, obj.body, "scale")


def _deleted_image(cluster: str, obj: Obj) -> BeforeImage:
    body = image(obj.body)
    return BeforeImage(cluster, obj.kind, body, why=_against(obj, body))


def _against(obj: Obj, body: Body) -> str:
    """Why an object cannot be made again; "" if it can."""
    if obj.kind.key == "Secret":
        return "the contents of a Secret are never recorded"
    fields = list(unrecorded(body))
    return f"of {', '.join(fields[:3])} only a digest was recorded" if fields else ""


def _by_itself(obj: Obj) -> bool:
    return obj.kind.key in BY_THEMSELVES or (obj.kind.key, obj.name) in MADE or LEADER in obj.annotations
