"""A federated object of a user has no target where it is placed: its content exists in the template alone.

A deletion of the federated object would then lose it. The cause: kubefed was stopped between the deletion and the
re-creation of a target (kubefed v0.8.1, pkg/controller/sync/controller.go).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import FEDERATED_NAMESPACE_KEY, FEDERATED_TYPE_CONFIG_KEY, KUBEFED_CLUSTER_KEY
from ks_reset.facts import federation
from ks_reset.findings.reads import ANY_LIST, DIALS, Reads, anywhere, host
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity

READS = Reads(
    found_in=host(FEDERATED_TYPE_CONFIG_KEY),
    decided_by=(*host(DIALS, KUBEFED_CLUSTER_KEY, FEDERATED_NAMESPACE_KEY), *anywhere(ANY_LIST)),
)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for target in federation.federated_targets(facts.host):
        group = target.key.partition(".")[2]
        if catalogue.is_own_group(group) or catalogue.system_namespace(target.namespace or target.name):
            continue
        records = federation.target_placement(facts.host, target)
        for cluster in facts.clusters:
            if records & federation.records_of(facts, cluster) and _is_absent(cluster, target):
                yield _absent_finding(facts.host.name, cluster, target)


def _is_absent(cluster: ClusterFacts, target: federation.Target) -> bool:
    return target.key in cluster.kinds and cluster.get(target.key, target.name, target.namespace) is None


def _absent_finding(host: str, cluster: ClusterFacts, target: federation.Target) -> Finding:
    where = f"{target.namespace}/{target.name}".lstrip("/")
    return Finding(
        id="absent-target",
        severity=Severity.CRITICAL,
        title=f"{target.key} {where} is placed on {cluster.name} and does not exist there",
        evidence=(Evidence(host, target.source.title, "spec.placement", cluster.name),),
        next="Its content exists in the federated object alone, and an uninstall deletes that.",
        cure="If two records reach one cluster, run ks-reset plan stale-record -o plan.json; else start kubefed and "
        "wait until it exists.",
    )
