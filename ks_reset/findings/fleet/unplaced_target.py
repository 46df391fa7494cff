"""A managed object is on a cluster where its federated object is not placed: kubefed deletes it as soon as it runs.

kubefed v0.8.1, pkg/controller/sync/controller.go, syncToClusters.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    FEDERATED_NAMESPACE_KEY,
    FEDERATED_TYPE_CONFIG_KEY,
    KUBEFED_CLUSTER_KEY,
    KUBEFED_MANAGED_LABEL,
)
from ks_reset.facts import federation
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, DIALS, Reads, each, host
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.FEDERATION, "kubefed's objects are placed where they are", Urgency.DATA)
READS = Reads(
    found_in=(*host(FEDERATED_TYPE_CONFIG_KEY), *each(ANY_LIST)),
    decided_by=host(DIALS, KUBEFED_CLUSTER_KEY, FEDERATED_NAMESPACE_KEY),
)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        records = federation.records_of(facts, cluster)
        unplaced = unplaced_targets(facts, cluster, records) if records else ()
        targets = [obj for obj in unplaced if not catalogue.is_own_group(obj.kind.group)]
        if targets:
            yield Finding(
                id="unplaced-target",
                severity=Severity.CRITICAL,
                title=f"{len(targets)} object(s) of users on {cluster.name} are kubefed's, and not placed there",
                evidence=tuple(
                    Evidence(cluster.name, o.title, f"metadata.labels[{KUBEFED_MANAGED_LABEL}]", "true")
                    for o in targets
                ),
                next="kubefed deletes them here as soon as it runs.",
                cure="To keep them, place them here (spec.placement of the federated object), or remove the label "
                f"{KUBEFED_MANAGED_LABEL}. What happens to one: {_explain(targets[0])}.",
            )


def unplaced_targets(facts: FleetFacts, cluster: ClusterFacts, records: frozenset[str]) -> Iterable[Obj]:
    """The objects marked as kubefed's on a cluster with these records, and placed on none of them."""
    for target in federation.federated_targets(facts.host):
        obj = cluster.get(target.key, target.name, target.namespace)
        if (
            obj
            and obj.labels.get(KUBEFED_MANAGED_LABEL) == "true"
            and not federation.target_placement(facts.host, target) & records
        ):
            yield obj


def _explain(obj: Obj) -> str:
    inside = f" -n {obj.namespace}" if obj.namespace else ""
    return f"ks-reset explain {obj.kind.resource}/{obj.name}{inside}"
