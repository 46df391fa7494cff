"""KubeSphere's own types are left, and none of its programs is there: a removal ended half-way.

The vendor's script stops at the first type or namespace that hangs (ks-installer issues 250 and 2092, kubesphere issue
3678), and the uninstall of 4.x leaves types (kubesphere issue 6180). The next installation meets them: "invalid
ownership metadata" (helm v3.19.5, pkg/action/validate.go, checkOwnership; kubesphere issue 1567).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.detection.detect import CORE
from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KEY,
    CRD_KEY,
    DEVOPS_CONTROLLER,
    NAMESPACE_KEY,
    SECRET_KEY,
    WEBHOOK_KEYS,
)
from ks_reset.facts.controllers import reacting_controllers
from ks_reset.facts.crds import own_types
from ks_reset.facts.installation import is_installation_begun
from ks_reset.facts.shared_types import groups_of_foreign_operators, type_proof
from ks_reset.facts.stray_controllers import RUNNERS, stray_controllers
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.PROGRAMS, "No removal of KubeSphere ended half-way", Urgency.REINSTALL)
READS = Reads(
    found_in=each(CRD_KEY),
    decided_by=each(CLUSTER_CONFIGURATION_KEY, SECRET_KEY, *RUNNERS, NAMESPACE_KEY, ANY_LIST),
    worded_by=each(*WEBHOOK_KEYS),
)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if types := _core_types(cluster):
            if _core_controllers(cluster) or is_installation_begun(cluster):
                continue
            left = [*types, *_other_leftovers(cluster)]
            yield Finding(
                id="half-removed",
                severity=Severity.WARNING,
                title=f"{cluster.name} has {len(left)} object(s) of KubeSphere, and none of its programs",
                evidence=tuple(Evidence(cluster.name, o.title, "metadata.creationTimestamp", _time(o)) for o in left),
                next="Nobody takes KubeSphere's finalizers off, and an installation keeps old types or is refused "
                "half-way: invalid ownership metadata.",
                cure="ks-reset plan uninstall --out plan.json takes off what is left, and nothing of users. All of it "
                "is gone once ks-reset verify finds nothing.",
            )


def _core_controllers(cluster: ClusterFacts) -> list[Obj]:
    """The controllers that are left, but that of DevOps: it works on without the core, and takes no type away."""
    there = (*reacting_controllers(cluster), *stray_controllers(cluster).running)
    return [d for d in there if catalogue.program_name(d) != DEVOPS_CONTROLLER]


def _core_types(cluster: ClusterFacts) -> list[Obj]:
    """The types of KubeSphere's core; each version brings them, and no other program does."""
    if not (types := [crd for crd in own_types(cluster) if catalogue.component_of_type(crd.name) == CORE]):
        return []
    users = groups_of_foreign_operators(cluster)
    return [crd for crd in types if type_proof(crd, users)]


def _other_leftovers(cluster: ClusterFacts) -> Iterable[Obj]:
    yield from (obj for obj in cluster.of(NAMESPACE_KEY) if catalogue.own_namespace_entry(obj))
    yield from (obj for key in WEBHOOK_KEYS for obj in cluster.of(key) if catalogue.webhook_proof(obj))


def _time(obj: Obj) -> str:
    return str(obj.meta.get("creationTimestamp", "unknown"))
