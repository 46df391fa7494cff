"""Restore everything that a run deleted, unmarked or stopped: types, namespaces, objects, marks, replicas, webhooks."""

from collections.abc import Callable, Iterable

from msgspec import structs

from ks_reset import catalogue
from ks_reset.catalogue.names import API_SERVICE_KEY, CRD_KEY, DEPLOYMENT_KEY, NAMESPACE_KEY, WEBHOOK_KEYS
from ks_reset.credentials.digests import has_digest
from ks_reset.facts.controllers import replica_count
from ks_reset.model import Action, AddMarks, BeforeImage, ClusterFacts, Marks, Obj, Scale, Skipped
from ks_reset.simulation.by_hand import annotate_command
from ks_reset.steps.actions import create_recorded, is_absent
from ks_reset.steps.step import Step, StepContext

FIRST = (CRD_KEY, NAMESPACE_KEY)
LAST = (*WEBHOOK_KEYS, API_SERVICE_KEY)


def restore_types(context: StepContext) -> Iterable[Action | Skipped]:
    yield from _recreate_chosen(RESTORE_TYPES.name, context, lambda image: image.kind.key == CRD_KEY)


def restore_namespaces(context: StepContext) -> Iterable[Action | Skipped]:
    """KubeSphere's own namespaces, since no other is ever deleted."""
    yield from _recreate_chosen(RESTORE_NAMESPACES.name, context, lambda image: image.kind.key == NAMESPACE_KEY)


def restore_objects(context: StepContext) -> Iterable[Action | Skipped]:
    """Everything but types, namespaces and webhooks."""
    yield from _recreate_chosen(RESTORE_OBJECTS.name, context, lambda image: image.kind.key not in (*FIRST, *LAST))


def restore_webhooks(context: StepContext) -> Iterable[Action | Skipped]:
    yield from _recreate_chosen(RESTORE_WEBHOOKS.name, context, lambda image: image.kind.key in LAST)


def _recreate_chosen(
    step: str, context: StepContext, is_chosen: Callable[[BeforeImage], bool]
) -> Iterable[Action | Skipped]:
    """Create the absent ones of the chosen objects; controllers without replicas while other objects are absent."""
    for image in context.material.past:
        cluster = context.facts.cluster(image.cluster)
        if image.deed == "delete" and cluster and is_chosen(image) and is_absent(cluster, image):
            if why := image.why or _why_homeless(context, cluster, image):
                yield Skipped(cluster.name, image.obj.title, f"is not given back: {why}")
            else:
                yield create_recorded(step, _without_replicas(image), "the run deleted it, or it went along")


def _why_homeless(context: StepContext, cluster: ClusterFacts, image: BeforeImage) -> str:
    """Why the object has no namespace: it is gone, and the run did not delete it; "" if it has one."""
    name = image.obj.namespace
    deleted = (p for p in context.material.past if p.deed == "delete" and p.kind.key == NAMESPACE_KEY)
    if not name or cluster.get(NAMESPACE_KEY, name) or any(p.obj.name == name for p in deleted):
        return ""
    return f"its namespace {name} is gone"


def _is_controller(image: BeforeImage) -> bool:
    return image.kind.key == DEPLOYMENT_KEY and catalogue.is_reacting_controller(image.obj)


def _without_replicas(image: BeforeImage) -> BeforeImage:
    """A controller of KubeSphere's or kubefed's with zero replicas; any other object as it is."""
    if not _is_controller(image):
        return image
    return structs.replace(image, body={**image.body, "spec": {**image.obj.spec, "replicas": 0}})


def restore_marks(context: StepContext, step: str = "restore-marks") -> Iterable[Action | Skipped]:
    """The marks removed by a run, as they were; an owner only if the object with its UID still exists.

    Garbage collection deletes objects with an absent owner (kubernetes v1.24.17,
    pkg/controller/garbagecollector/garbagecollector.go, attemptToDeleteItem).
    """
    for image in context.material.past:
        cluster = context.facts.cluster(image.cluster)
        if image.deed == "remove-marks" and cluster:
            yield from _restore_marks_of(cluster, image, step)


def _restore_marks_of(cluster: ClusterFacts, image: BeforeImage, step: str) -> Iterable[Action | Skipped]:
    now = cluster.get(image.kind.key, image.obj.name, image.obj.namespace)
    if now is None or now.uid != image.obj.uid:
        yield Skipped(cluster.name, image.obj.title, "its marks are not given back: it is gone, or was recreated since")
        return
    marks = _restorable_marks(cluster, image, now)
    for key in sorted(image.marks.annotations.keys() & image.obj.annotations.keys()):
        if has_digest(image.obj.annotations[key]) and key not in now.annotations:
            command = annotate_command(cluster, now, key)
            why = f"its annotation {key} is not given back: only a digest of its value was recorded. Set it: {command}"
            yield Skipped(cluster.name, image.obj.title, why)
    restorable = {reference["uid"] for reference in marks.owners}
    removed = {reference["uid"] for reference in image.marks.owners}
    for owner in image.obj.owners:
        if owner.uid in removed - restorable:
            why = f"its owner {owner.kind} {owner.name} is not given back: UID {owner.uid} no longer exists"
            yield Skipped(cluster.name, image.obj.title, why)
    if _lacks_any(now, marks):
        yield AddMarks.on(now, step, image.cluster, "they were removed", marks=marks)


def _restorable_marks(cluster: ClusterFacts, image: BeforeImage, now: Obj) -> Marks:
    """The removed and recorded marks, except those with another value now."""
    alive = {obj.uid for obj in cluster.all() if not obj.deleting}
    removed = {reference["uid"] for reference in image.marks.owners}
    references = image.obj.meta.get("ownerReferences") or []
    return Marks(
        labels=_restorable_values(image.obj.labels, image.marks.labels, now.labels),
        annotations=_restorable_values(image.obj.annotations, image.marks.annotations, now.annotations),
        finalizers=tuple(f for f in image.obj.finalizers if f in image.marks.finalizers),
        owners=tuple(r for r in references if r["uid"] in alive and r["uid"] in removed),
    )


def _restorable_values(before: dict[str, str], removed: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    known = {key: before[key] for key in removed if key in before and now.get(key, before[key]) == before[key]}
    return {key: value for key, value in known.items() if not has_digest(value)}


def _lacks_any(now: Obj, marks: Marks) -> bool:
    owners = {reference["uid"] for reference in now.meta.get("ownerReferences") or []}
    return (
        not marks.labels.items() <= now.labels.items()
        or not marks.annotations.items() <= now.annotations.items()
        or any(f not in now.finalizers for f in marks.finalizers)
        or any(reference["uid"] not in owners for reference in marks.owners)
    )


def restore_replicas(context: StepContext) -> Iterable[Action]:
    """Start controllers stopped or deleted by a run, with their earlier replicas."""
    step = RESTORE_REPLICAS.name
    for image in context.material.past:
        cluster = context.facts.cluster(image.cluster)
        if cluster is None or image.why:
            continue
        now, count = cluster.get(image.kind.key, image.obj.name, image.obj.namespace), replica_count(image.obj)
        why = f"it had {count} replica(s)"
        if image.deed == "scale" and now and now.uid == image.obj.uid and replica_count(now) != count:
            yield Scale.on(now, step, image.cluster, why, replicas=count)
        recreated = image.deed == "delete" and _is_controller(image)
        if (
            recreated and count and (now is None or replica_count(now) == 0)
        ):  # without a UID: the plan itself creates it
            where = (image.kind, image.obj.name, image.obj.namespace)
            yield Scale(step, image.cluster, *where, why=why, replicas=count)


RESTORE_TYPES = Step(
    "restore-types",
    "Without its type no object can be created; and a type is not served at once.",
    after=("fasten-seatbelt",),
    actions=restore_types,
)
RESTORE_NAMESPACES = Step(
    "restore-namespaces",
    "The objects in them need them first.",
    after=("restore-types",),
    actions=restore_namespaces,
)
RESTORE_OBJECTS = Step(
    "restore-objects",
    "An object cannot be created while its type is not served or its namespace is absent.",
    after=("restore-namespaces",),
    actions=restore_objects,
)
RESTORE_MARKS = Step(
    "restore-marks",
    "Labels, annotations, finalizers and owners are how KubeSphere remembers what belongs to whom.",
    after=("restore-objects",),
    actions=restore_marks,
)
RESTORE_REPLICAS = Step(
    "restore-replicas",
    "A controller that starts while its objects are absent acts on their absence.",
    after=("restore-marks",),
    actions=restore_replicas,
)
RESTORE_WEBHOOKS = Step(
    "restore-webhooks",
    "While its backend is not up, a webhook refuses the objects that are still to be created.",
    after=("restore-replicas",),
    actions=restore_webhooks,
)
