"""A managed object is on a cluster where its federated object is not placed: kubefed deletes it as soon as it runs.

kubefed v0.8.1, pkg/controller/sync/controller.go, syncToClusters.
"""

import shlex
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
                cure=f"What happens to one: {_explain(targets[0])}. To keep them as they are, take kubefed's label off "
                f"before it runs; then it leaves them alone: {'; '.join(_unlabel(cluster, targets))}. Or add this "
                "cluster to spec.placement of each federated object.",
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


def _unlabel(cluster: ClusterFacts, targets: Iterable[Obj]) -> Iterable[str]:
    """A command for the objects of each type and namespace (kubefed v0.8.1, pkg/controller/util/managedlabel.go)."""
    names: dict[tuple[str, str], list[str]] = {}
    for obj in targets:
        names.setdefault((obj.kind.resource, obj.namespace), []).append(obj.name)
    for (resource, namespace), listed in names.items():
        inside = f" -n {namespace}" if namespace else ""
        words = f"label {resource} {shlex.join(listed)} {KUBEFED_MANAGED_LABEL}-"
        yield f"kubectl --context {cluster.context}{inside} {words}"


def _explain(obj: Obj) -> str:
    inside = f" -n {obj.namespace}" if obj.namespace else ""
    return f"ks-reset explain {obj.kind.resource}/{obj.name}{inside}"
