"""Delete what is left in KubeSphere's own API groups: Workspaces, templates, users, roles, configuration."""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.facts.crds import federated, own_objects
from ks_reset.model import ClusterFacts
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "Their namespaces are severed and their finalizers off, so they go without taking anything along."


def removes(world: ClusterFacts, _: StepContext) -> Iterable[Removal]:
    for obj in own_objects(world):
        if not federated(obj) and obj.kind.key not in federation.RECORDS:
            yield Removal(obj, f"its API group {obj.kind.group} is KubeSphere's")


STEP = Step("remove-tenants", WHY, after=("prove-quiet", "sever", "release-finalizers"), removes=removes)
