"""Delete the federated objects and kubefed's notes of what it propagated; their targets stay, already severed.

FederatedTypeConfigs go first: a kubefed that somebody starts in the middle then finds no type to work on (kubefed
v0.8.1, pkg/controller/federatedtypeconfig/controller.go). Deleted last, it would take the targets along.
"""

from collections.abc import Iterable

from ks_reset.facts.crds import federated, own_objects
from ks_reset.facts.federation import TYPE_CONFIG
from ks_reset.model import ClusterFacts
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "With kubefed stopped and the finalizers off, deleting a federated object touches no target."


def removes(world: ClusterFacts, _: StepContext) -> Iterable[Removal]:
    for obj in sorted(own_objects(world), key=lambda obj: obj.kind.key != TYPE_CONFIG):
        if federated(obj):
            yield Removal(obj, f"its API group {obj.kind.group} is kubefed's or KubeSphere's")


STEP = Step("remove-federated", WHY, after=("prove-quiet", "sever", "release-finalizers"), removes=removes)
