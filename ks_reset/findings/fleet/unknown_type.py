"""Objects in KubeSphere's API groups whose deletion has unknown effects: both ways on are the operator's to choose.

The type is of a component outside the catalogue, or an operator of somebody else, outside KubeSphere's namespaces,
acts on its objects. The deletion of a CRD deletes every object of it (kubernetes v1.24.17,
staging/src/k8s.io/apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go).
"""

import shlex
from collections.abc import Iterable, Mapping

from ks_reset import catalogue
from ks_reset.catalogue.names import CRD_KEY, WORKLOAD_KEYS
from ks_reset.facts.component_choice import ComponentChoice
from ks_reset.facts.crds import key_of_type, own_types
from ks_reset.facts.kept import Kept, discarded_types
from ks_reset.facts.shared_types import groups_of_foreign_operators
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.CONTENTS, "No object is of a type to be kept or given up", Urgency.KNOW)
READS = Reads(found_in=each(CRD_KEY, *WORKLOAD_KEYS, ANY_LIST), decided_by=each(*WORKLOAD_KEYS))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        users, kept = groups_of_foreign_operators(cluster), Kept(cluster, options.request)
        chosen, choice = discarded_types(options.request), ComponentChoice(cluster, options.request)
        unknown = [
            crd
            for crd in own_types(cluster)
            if (catalogue.component_of_type(crd.name) not in catalogue.COVERED or crd.spec["group"] in users)
            and not (kept.keeps_type(crd) or crd.name in chosen)
            and any(choice.may_go(obj) for obj in _objects_of(cluster, crd, users))
        ]
        if unknown:
            yield Finding(
                id="unknown-type",
                severity=Severity.WARNING,
                title=f"{cluster.name} holds objects of {len(unknown)} KubeSphere type(s), to be kept or given up",
                evidence=tuple(
                    Evidence(cluster.name, crd.title, "objects", str(len(_objects_of(cluster, crd, users))))
                    for crd in unknown
                ),
                next=f"{' '.join(_effect(crd, users) for crd in unknown)} Deleting them may delete workloads.",
                cure=_ways_on(cluster, unknown),
            )


def _objects_of(cluster: ClusterFacts, crd: Obj, users: Mapping[str, str]) -> list[Obj]:
    """The objects of a type that KubeSphere does not bring itself; all of them where somebody else's operator runs."""
    objects = cluster.of(key_of_type(crd))
    return [obj for obj in objects if crd.spec["group"] in users or not catalogue.is_delivered(obj)]


def _effect(crd: Obj, users: Mapping[str, str]) -> str:
    """A sentence about who acts on objects of a type, as far as it is known."""
    entry = catalogue.load_catalogue().crd_entry(crd.name)
    if workload := users.get(crd.spec["group"]):
        return f"{crd.name}: {workload}, outside KubeSphere's namespaces, acts on them."
    if entry and entry.effect:
        return f"{crd.name}, of {entry.component}: {entry.effect}."
    of = f"of {entry.component}" if entry else "of a component outside this catalogue"
    return f"{crd.name}: {of}; nobody knows what their deletion sets off."


def _ways_on(cluster: ClusterFacts, unknown: list[Obj]) -> str:
    """Both commands, for all of these types; each flag may also be given for one of them."""
    keep, discard = (" ".join(f"{flag} {crd.name}" for crd in unknown) for flag in ("--keep-type", "--discard"))
    names = ",".join(crd.name for crd in unknown)
    kubectl = ["kubectl", "--context", cluster.context, "get", names, "-A", "-o", "yaml"]
    copy = f"(umask 077; {shlex.join(kubectl)} > {shlex.quote(f'{cluster.name}-types.yaml'.replace('/', '-'))})"
    return (
        f"Choose for each type. To keep all of them with their objects as they are: ks-reset plan uninstall {keep} "
        "--out uninstall.json. To let them go with every object of them, everywhere in these clusters, first keep a "
        f"copy: {copy}; then: ks-reset plan uninstall {discard} --out uninstall.json."
    )
