"""Delete the CRDs of KubeSphere's and kubefed's own groups, once no object of theirs is left; nobody else's."""

from collections.abc import Iterable

from ks_reset.facts.types import own_types
from ks_reset.model import World
from ks_reset.steps.step import Ground, Removal, Step

WHY = "A CRD with objects hangs on their finalizers, so types go after every object; others' types are never touched."


def removes(world: World, _: Ground) -> Iterable[Removal]:
    for crd in own_types(world):
        yield Removal(crd, f"its API group {crd.spec['group']} is kubefed's or KubeSphere's")


STEP = Step("remove-types", WHY, after=("remove-federated", "remove-records", "remove-tenants"), removes=removes)
