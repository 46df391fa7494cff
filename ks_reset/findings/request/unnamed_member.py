"""A record reaches a cluster not named by the operator, or none.

Cleaning a host alone leaves marks and full-rights accounts on its members (kubesphere v3.3.1,
pkg/controller/cluster/join.go: nothing is cleaned on a member when its Cluster is deleted). status.uid of the Cluster
is the UID of its kube-system (staging/src/kubesphere.io/api/cluster/v1alpha1/cluster_types.go).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, HOST_ROLE_LABEL
from ks_reset.facts.federation import identity_by_record
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import CONNECTIONS, DIALS, Reads, host
from ks_reset.model import Dial, Evidence, Finding, FleetFacts, Options, Reach, Severity, Urgency

CURE = (
    "Name the cluster: ks-reset plan PLAYBOOK --member {0}=CONTEXT --out plan.json. Or leave it for later: ks-reset "
    "plan PLAYBOOK --later {0} --out plan.json."
)

ABOUT = About(Group.CLUSTERS, "Every cluster with a record was named and read", Urgency.STOPS)
READS = Reads(decided_by=host(DIALS, CONNECTIONS, CLUSTER_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    known = {cluster.identity for cluster in facts.clusters}
    reached = identity_by_record(facts.host.dials, facts.host.connections)
    for dial in facts.host.dials:
        if dial.reach is Reach.NOT_DIALLED or reached[dial.record] in known or _is_named_member(facts, dial):
            continue
        if dial.reach is Reach.REACHED:
            reach = f"reaches cluster {dial.identity}, which was not named"
            yield _unnamed_finding(facts, options, dial, "unnamed-member", reach)
        else:
            reach = f"was not seen to reach a cluster: {dial.reach}"
            yield _unnamed_finding(facts, options, dial, "unreached-record", reach)
    yield from _without_record(facts, options, known)


def _is_named_member(facts: FleetFacts, dial: Dial) -> bool:
    """Whether a record without answer is of the member of its name: the Cluster of that name has the member's UID.

    The operator reaches a member from elsewhere than kubefed does, often at another address.
    """
    cluster = facts.host.get(CLUSTER_KEY, dial.record)
    uid = str((cluster.body.get("status") or {}).get("uid", "")) if cluster else ""
    return not dial.identity and bool(uid) and uid == facts.identity_of_member(dial.record)


def _without_record(facts: FleetFacts, options: Options, known: set[str]) -> Iterable[Finding]:
    """Findings of Clusters without a KubeFedCluster: not federated, or their join failed, or somebody deleted it."""
    recorded = {dial.record for dial in facts.host.dials}
    names = {cluster.name for cluster in facts.members}
    for cluster in facts.host.of(CLUSTER_KEY):
        status = cluster.body.get("status") or {}
        known_member = status["uid"] in known if status.get("uid") else cluster.name in names
        if HOST_ROLE_LABEL in cluster.labels or cluster.name in recorded or known_member:
            continue
        yield Finding(
            id="unrecorded-member",
            severity=Severity.WARNING if options.request.works_on(cluster.name) else Severity.INFO,
            title=f"The Cluster {cluster.name} has no KubeFedCluster, and is none of the clusters named",
            evidence=(Evidence(facts.host.name, cluster.title, "status.uid", str(status.get("uid", ""))),),
            next="After an uninstall of the host alone, that cluster keeps its marks and a full-rights account.",
            cure=CURE.format(cluster.name),
        )


def _unnamed_finding(facts: FleetFacts, options: Options, dial: Dial, rule: str, reach: str) -> Finding:
    where = f"KubeFedCluster {dial.namespace}/{dial.record}"
    return Finding(
        id=rule,
        severity=Severity.WARNING if options.request.works_on(dial.record) else Severity.INFO,
        title=f"The record {dial.record} {reach}",
        evidence=(Evidence(facts.host.name, where, "spec.apiEndpoint", f"{dial.endpoint} {dial.detail}".strip()),),
        next="After an uninstall of the host alone, that cluster keeps kubefed's marks and a full-rights account.",
        cure=CURE.format(dial.record),
    )
