"""Put the marks back that a run took off, as they were; an owner only if the very same object still lives.

Garbage collection deletes what names an owner that is not there (kubernetes v1.24.17,
pkg/controller/garbagecollector/garbagecollector.go, attemptToDeleteItem).
"""

from collections.abc import Iterable

from ks_reset.credentials.recorded import unrecorded
from ks_reset.model import Action, BeforeImage, ClusterFacts, Gift, Obj, Skipped, Verb
from ks_reset.steps.step import Step, StepContext

WHY = "Labels, annotations, finalizers and owners are KubeSphere's memory of what belongs to whom."


def actions(ground: StepContext) -> Iterable[Action | Skipped]:
    for past in ground.options.past:
        world = ground.facts.world(past.cluster)
        if past.deed is Verb.STRIP and world:
            yield from _restored(world, past)


def _restored(world: ClusterFacts, past: BeforeImage) -> Iterable[Action | Skipped]:
    now = world.get(past.kind.key, past.obj.name, past.obj.namespace)
    if now is None or now.uid != past.obj.uid:
        yield Skipped(world.name, past.obj.title, "its marks are not given back: it is gone, or was made anew since")
        return
    gift = _gift(world, past, now)
    for owner in past.obj.owners:
        if owner in past.marks.owners and owner.uid not in {reference["uid"] for reference in gift.owners}:
            why = f"its owner {owner.kind} {owner.name} is not given back: UID {owner.uid} lives no more"
            yield Skipped(world.name, past.obj.title, why)
    if _missing(now, gift):
        yield Action.on(now, STEP.name, past.cluster, Verb.MARK, "the run took these off", gift=gift)


def _gift(world: ClusterFacts, past: BeforeImage, now: Obj) -> Gift:
    """What was taken off and recorded, unless somebody has written something else there since."""
    was, marks = past.obj, past.marks
    alive = {obj.uid for obj in world.all() if not obj.deleting}
    refs = [r for r in was.meta.get("ownerReferences") or [] if r["uid"] in alive]
    gone = {o.uid for o in was.owners if o in marks.owners}
    return Gift(
        labels=_values(was.labels, marks.labels, now.labels),
        annotations=_values(was.annotations, marks.annotations, now.annotations),
        finalizers=tuple(f for f in was.finalizers if f in marks.finalizers),
        owners=tuple(r for r in refs if r["uid"] in gone),
    )


def _values(was: dict[str, str], keys: tuple[str, ...], now: dict[str, str]) -> dict[str, str]:
    known = {key: was[key] for key in keys if key in was and now.get(key, was[key]) == was[key]}
    return {key: value for key, value in known.items() if not list(unrecorded(value))}


def _missing(now: Obj, gift: Gift) -> bool:
    there = {reference["uid"] for reference in now.meta.get("ownerReferences") or []}
    return (
        not gift.labels.items() <= now.labels.items()
        or not gift.annotations.items() <= now.annotations.items()
        or any(f not in now.finalizers for f in gift.finalizers)
        or any(reference["uid"] not in there for reference in gift.owners)
    )


STEP = Step("restore-marks", WHY, after=("restore-objects",), actions=actions)
