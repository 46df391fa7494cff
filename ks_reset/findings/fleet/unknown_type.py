"""Objects in KubeSphere's API groups of a component outside the catalogue: the effect of deleting them is unknown."""

from collections.abc import Iterable, Mapping

from ks_reset import catalogue
from ks_reset.catalogue.names import CRD_KEY, WORKLOAD_KEYS
from ks_reset.facts.crds import key_of_type, own_types
from ks_reset.facts.operators import spared_groups
from ks_reset.facts.shared_types import groups_of_foreign_operators
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

READS = Reads(found_in=each(CRD_KEY, *WORKLOAD_KEYS, ANY_LIST))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        users = groups_of_foreign_operators(cluster)
        unknown = [
            c
            for c in own_types(cluster)
            if (catalogue.component_of_type(c.name) not in catalogue.COVERED or c.spec["group"] in users)
            and c.spec["group"] not in spared_groups(options.request)
            and _objects_of(cluster, c, users)
        ]
        if unknown:
            yield Finding(
                id="unknown-type",
                severity=Severity.WARNING,
                title=f"{cluster.name} holds objects of {len(unknown)} KubeSphere type(s) unknown to this ks-reset",
                evidence=tuple(
                    Evidence(cluster.name, c.title, "objects", str(len(_objects_of(cluster, c, users))))
                    for c in unknown
                ),
                next="They belong to a component outside this catalogue, or to an operator outside KubeSphere's "
                "namespaces; deleting them may delete workloads.",
                cure="Disable and remove that component first, or use a ks-reset with it in its catalogue.",
            )


def _objects_of(cluster: ClusterFacts, crd: Obj, users: Mapping[str, str]) -> list[Obj]:
    """The objects of a type that KubeSphere does not bring itself; all of them where somebody else's operator runs."""
    objects = cluster.of(key_of_type(crd))
    return [obj for obj in objects if crd.spec["group"] in users or not catalogue.is_delivered(obj)]
