"""Delete the CRDs that KubeSphere and its kubefed brought, once no object of theirs is left; nobody else's.

The group alone is no proof: other projects serve types below kubesphere.io too (OpenELB, eips.network.kubesphere.io).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.crds import own_types
from ks_reset.model import ClusterFacts, Skipped
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "A CRD with objects hangs on their finalizers, so types go after every object; others' types are never touched."


def removes(world: ClusterFacts, _: StepContext) -> Iterable[Removal | Skipped]:
    known = catalogue.load()
    for crd in own_types(world):
        entry = known.crd(crd.name)
        if entry and (entry.remove == "yes" or entry.ownership == "bundled-kubefed"):
            yield Removal(crd, f"KubeSphere {known.version} brings it ({entry.component})")
        else:
            yield Skipped(world.name, crd.title, "the catalogue does not prove that it is KubeSphere's")


STEP = Step("remove-types", WHY, after=("remove-federated", "remove-records", "remove-tenants"), removes=removes)
