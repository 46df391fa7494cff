"""A record that reaches a cluster which was not named, or reaches none, stops an uninstall.

Cleaning a host alone leaves marks and full-rights accounts on its members (kubesphere v3.3.1,
pkg/controller/cluster/join.go: nothing is cleaned on a member when its Cluster is deleted).
"""

from collections.abc import Iterable

from ks_reset.model import Dial, Evidence, Facts, Finding, Options, Reach, Severity


def check(facts: Facts, _: Options) -> Iterable[Finding]:
    known = {world.identity for world in facts.worlds}
    for dial in facts.host.dials:
        if dial.reach is Reach.NOT_DIALLED or dial.identity in known:
            continue
        if dial.reach is Reach.REACHED:
            yield _finding(facts, dial, "unnamed-member", f"reaches cluster {dial.identity}, which was not named")
        else:
            yield _finding(facts, dial, "unreached-record", f"reaches no cluster: {dial.reach}")


def _finding(facts: Facts, dial: Dial, rule: str, what: str) -> Finding:
    where = f"KubeFedCluster {dial.namespace}/{dial.record}"
    return Finding(
        id=rule,
        severity=Severity.WARNING,
        title=f"The record {dial.record} {what}",
        evidence=(Evidence(facts.host.name, where, "spec.apiEndpoint", f"{dial.endpoint} {dial.detail}".strip()),),
        next="After an uninstall of the host alone, that cluster keeps kubefed's marks and a full-rights account.",
        cure=f"Name the cluster with --member {dial.record}=CONTEXT.",
        blocks=("uninstall",),
    )
