"""Take the seatbelt off that this playbook put on; one of somebody else's stays."""

from collections.abc import Iterable

from ks_reset import seatbelt
from ks_reset.model import Action, Verb
from ks_reset.steps.step import Step, StepContext

WHY = "Left on, it would refuse its users their own deletions."


def actions(ground: StepContext) -> Iterable[Action]:
    """Without a seatbelt yet, the one that will be put on; that action has no UID."""
    for world in ground.facts.clusters:
        belt = seatbelt.found(world)
        if belt and belt.run != ground.playbook:
            continue
        kind = seatbelt.parts(world, ground.playbook, "")[0][0]
        uid = belt.parts[0].uid if belt else ""
        yield Action(STEP.name, world.identity, Verb.LOOSEN, kind, seatbelt.NAME, uid=uid, why="the work is done")


STEP = Step("loosen-seatbelt", WHY, after=("fasten-seatbelt",), actions=actions, detaches=True)
