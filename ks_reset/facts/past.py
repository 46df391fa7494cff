"""What a run changed and deleted, as it was before: from its plan, its journal, and the facts that it began with."""

from collections.abc import Iterable

from msgspec import Struct, convert, structs

from ks_reset.credentials.recorded import image, unrecorded
from ks_reset.model import Action, BeforeImage, Body, FleetFacts, Marks, Obj, Plan, Verb

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
    found = [_past(cluster, was[cluster, uid]) for cluster, uid in gone if (cluster, uid) in was]
    changed = _changed(a for a in (each.action for each in sent) if (a.cluster, a.uid) not in gone)
    found += [_past(a.cluster, was[a.cluster, a.uid], a.verb, a.marks) for a in changed if (a.cluster, a.uid) in was]
    return tuple(past for past in found if not _by_itself(past.obj))


def _deleted(plan: Plan) -> Iterable[tuple[str, str]]:
    return ((a.cluster, a.uid) for a in plan.actions if a.verb is Verb.DELETE)


def _followed(plan: Plan, before: FleetFacts) -> Iterable[tuple[str, str]]:
    """What the plan said would go along."""
    titles = {(each.cluster, each.object) for each in plan.foreseen if each.fate == "deleted"}
    for world in before.clusters:
        yield from ((world.identity, o.uid) for o in world.all() if (world.name, o.title) in titles)


def _changed(actions: Iterable[Action]) -> Iterable[Action]:
    """One action for an object and a verb, with all marks that any of them took off."""
    merged: dict[tuple[str, str, Verb], Action] = {}
    for action in actions:
        key = (action.cluster, action.uid, action.verb)
        if action.verb in (Verb.STRIP, Verb.SCALE):
            known = merged.get(key, action)
            merged[key] = structs.replace(known, marks=_union(known.marks, action.marks))
    return merged.values()


def _union(one: Marks, other: Marks) -> Marks:
    both = {field: (*getattr(one, field), *getattr(other, field)) for field in Marks.__struct_fields__}
    return Marks(**{field: tuple(dict.fromkeys(entries)) for field, entries in both.items()})


def _past(cluster: str, obj: Obj, deed: Verb = Verb.DELETE, marks: Marks = Marks()) -> BeforeImage:  # noqa: B008
    if deed is not Verb.DELETE:
        return BeforeImage(cluster, obj.kind, obj.body, deed, marks)
    body = image(obj.body)
    return BeforeImage(cluster, obj.kind, body, deed, why=_against(obj, body))


def _against(obj: Obj, body: Body) -> str:
    """Why an object cannot be made again; "" if it can."""
    if obj.kind.key == "Secret":
        return "the contents of a Secret are never recorded"
    fields = list(unrecorded(body))
    return f"of {', '.join(fields[:3])} only a digest was recorded" if fields else ""


def _by_itself(obj: Obj) -> bool:
    return obj.kind.key in BY_THEMSELVES or (obj.kind.key, obj.name) in MADE or LEADER in obj.annotations
