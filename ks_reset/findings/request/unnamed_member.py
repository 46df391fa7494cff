"""A record that reaches a cluster which was not named, or reaches none, stops an uninstall.

Cleaning a host alone leaves marks and full-rights accounts on its members (kubesphere v3.3.1,
pkg/controller/cluster/join.go: nothing is cleaned on a member when its Cluster is deleted). The UID of its kube-system
is in status.uid of the Cluster (staging/src/kubesphere.io/api/cluster/v1alpha1/cluster_types.go).
"""

from collections.abc import Iterable

from ks_reset.facts.federation import CLUSTER, HOST
from ks_reset.model import Dial, Evidence, Finding, FleetFacts, Options, Reach, Severity

CURE = "Name the cluster with --member {0}=CONTEXT, or leave it for later with --later {0}."


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    known = {world.identity for world in facts.clusters}
    for dial in facts.host.dials:
        if dial.reach is Reach.NOT_DIALLED or dial.identity in known or _named(facts, dial):
            continue
        if dial.reach is Reach.REACHED:
            what = f"reaches cluster {dial.identity}, which was not named"
            yield _finding(facts, options, dial, "unnamed-member", what)
        else:
            what = f"was not seen to reach a cluster: {dial.reach}"
            yield _finding(facts, options, dial, "unreached-record", what)
    yield from _unrecorded(facts, options, known)


def _named(facts: FleetFacts, dial: Dial) -> bool:
    """Whether a record that does not answer from here is of the member named like it: its Cluster has that UID.

    The operator reaches a member from elsewhere than kubefed does, often at another address.
    """
    cluster = facts.host.get(CLUSTER, dial.record)
    uid = str((cluster.body.get("status") or {}).get("uid", "")) if cluster else ""
    return not dial.identity and bool(uid) and uid == facts.called(dial.record)


def _unrecorded(facts: FleetFacts, options: Options, known: set[str]) -> Iterable[Finding]:
    """A Cluster of which there is no KubeFedCluster: not federated, or its join failed, or somebody deleted that."""
    recorded = {dial.record for dial in facts.host.dials}
    named = {world.name for world in facts.members}
    for cluster in facts.host.of(CLUSTER):
        status = cluster.body.get("status") or {}
        there = status["uid"] in known if status.get("uid") else cluster.name in named
        if HOST in cluster.labels or cluster.name in recorded or there:
            continue
        yield Finding(
            id="unrecorded-member",
            severity=Severity.WARNING if options.request.takes(cluster.name) else Severity.INFO,
            title=f"The Cluster {cluster.name} has no KubeFedCluster, and none of the clusters named is known to be it",
            evidence=(Evidence(facts.host.name, cluster.title, "status.uid", str(status.get("uid", ""))),),
            next="After an uninstall of the host alone, that cluster keeps its marks and a full-rights account.",
            cure=CURE.format(cluster.name),
            blocks=("uninstall",) if options.request.takes(cluster.name) else (),
        )


def _finding(facts: FleetFacts, options: Options, dial: Dial, rule: str, what: str) -> Finding:
    where = f"KubeFedCluster {dial.namespace}/{dial.record}"
    return Finding(
        id=rule,
        severity=Severity.WARNING if options.request.takes(dial.record) else Severity.INFO,
        title=f"The record {dial.record} {what}",
        evidence=(Evidence(facts.host.name, where, "spec.apiEndpoint", f"{dial.endpoint} {dial.detail}".strip()),),
        next="After an uninstall of the host alone, that cluster keeps kubefed's marks and a full-rights account.",
        cure=CURE.format(dial.record),
        blocks=("uninstall",) if options.request.takes(dial.record) else (),
    )
