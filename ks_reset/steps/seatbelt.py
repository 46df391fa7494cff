"""Put the seatbelt on, in every cluster: from here on the API server itself refuses to delete what must stay."""

from collections.abc import Iterable

from ks_reset import seatbelt
from ks_reset.model import Action, Verb
from ks_reset.steps.step import Step, StepContext

WHY = "Garbage collection, kubefed, a person or ks-reset: whoever asks is refused the deletion of what is a user's."


def actions(ground: StepContext) -> Iterable[Action]:
    for world in ground.facts.clusters:
        if not seatbelt.denies(world):
            kind = seatbelt.parts(world, ground.playbook, "")[0][0]
            why = "deletions of users' namespaces, volumes and types are refused from here on"
            yield Action(STEP.name, world.identity, Verb.FASTEN, kind, seatbelt.NAME, why=why)


STEP = Step("fasten-seatbelt", WHY, actions=actions, detaches=True)
