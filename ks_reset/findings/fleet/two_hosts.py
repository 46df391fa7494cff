"""Another host has joined this cluster: it has all rights there, and deletes objects it has marked and does not place.

The join creates ClusterRole kubefed-controller-manager:<cluster>-<host> on the member (kubesphere v3.3.1,
pkg/controller/cluster/join.go; kubefed v0.8.1, pkg/kubefedctl/join.go). KubeSphere's host joins its members again
every two minutes (cluster_controller.go, resyncPeriod), and so marks a member again after it was cleaned.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_ROLE_BINDING_KEY, KUBEFED_CLUSTER_KEY
from ks_reset.facts.join_accounts import Join, foreign_joins, own_accounts
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import CONNECTIONS, DIALS, Reads, each, host
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.CLUSTERS, "No other host has joined a cluster", Urgency.DATA)
READS = Reads(found_in=each(CLUSTER_ROLE_BINDING_KEY), decided_by=host(DIALS, CONNECTIONS, KUBEFED_CLUSTER_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if others := foreign_joins(facts, cluster, options):
            yield _joined_finding(facts, cluster, others, options)


def _joined_finding(facts: FleetFacts, cluster: ClusterFacts, others: list[Join], options: Options) -> Finding:
    accounts = ", ".join(join.account for join in others)
    mine = own_accounts(facts, cluster, options)
    gone = f"ks-reset plan PLAYBOOK --gone-host {' --gone-host '.join(join.account for join in others)} --out plan.json"
    shared = f"ks-reset plan PLAYBOOK --shared {cluster.name} --out plan.json"
    joins = bool(options.material.joining)
    leave = f" If it still runs, this removes only this host's traces: {shared}." if mine and not joins else ""
    return Finding(
        id="two-hosts" if mine else "other-host",
        severity=Severity.WARNING,
        title=f"{cluster.name} was joined by another host: {accounts}",
        evidence=tuple(
            Evidence(cluster.name, join.role.title, "ServiceAccount", f"{join.namespace}/{join.account}")
            for join in others
        ),
        next="While that host runs, it joins this cluster again and deletes objects it has marked and does not place.",
        cure=f"Find out which host that is. If it is gone for good: {gone}.{leave}",
    )
