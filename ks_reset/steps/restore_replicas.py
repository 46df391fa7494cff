"""Start again what a run stopped, and what it deleted, with as many replicas as it had."""

from collections.abc import Iterable

from ks_reset.facts.controllers import replicas
from ks_reset.model import Action, Obj, Verb
from ks_reset.steps.restore import still
from ks_reset.steps.step import Step, StepContext

WHY = "A controller that starts while its objects are still missing acts on what it does not find."


def actions(ground: StepContext) -> Iterable[Action]:
    for past in ground.options.past:
        world = ground.facts.world(past.cluster)
        if world is None or past.why:
            continue
        now, count = world.get(past.kind.key, past.obj.name, past.obj.namespace), replicas(past.obj)
        why = f"it had {count} replica(s)"
        if past.deed is Verb.SCALE and now and now.uid == past.obj.uid and replicas(now) != count:
            yield Action.on(now, STEP.name, past.cluster, Verb.SCALE, why, replicas=count)
        if past.deed is Verb.DELETE and still(past) is not past and count and _waits(now):
            where = (past.kind, past.obj.name, past.obj.namespace)
            yield Action(STEP.name, past.cluster, Verb.SCALE, *where, why=why, replicas=count)


def _waits(now: Obj | None) -> bool:
    """Whether it is still to be made, or was made without replicas; it has no UID in a plan."""
    return now is None or replicas(now) == 0


STEP = Step("restore-replicas", WHY, after=("restore-marks",), actions=actions)
