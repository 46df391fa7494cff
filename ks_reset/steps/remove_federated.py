"""Delete the federated objects and kubefed's notes of what it propagated; their targets stay, already severed."""

from collections.abc import Iterable

from ks_reset.facts.types import federated, own_objects
from ks_reset.model import World
from ks_reset.steps.step import Ground, Removal, Step

WHY = "With kubefed stopped and the finalizers off, deleting a federated object touches no target."


def removes(world: World, _: Ground) -> Iterable[Removal]:
    for obj in own_objects(world):
        if federated(obj):
            yield Removal(obj, f"its API group {obj.kind.group} is kubefed's or KubeSphere's")


STEP = Step("remove-federated", WHY, after=("prove-quiet", "sever", "release-finalizers"), removes=removes)
