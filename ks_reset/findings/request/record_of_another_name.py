"""A member to be joined has a record of another name, or its name leads to another cluster, or neither is known.

kubesphere v3.3.1 and v4.1.3, pkg/kapis/cluster/v1alpha1/handler.go, validateKubeConfig: KubeSphere's own console
refuses to join a cluster twice, by the UID of its kube-system; a Cluster created with kubectl is not checked.
"""

import shlex
from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, HOST_ROLE_LABEL
from ks_reset.facts import federation
from ks_reset.findings.reads import CONNECTIONS, DIALS, Reads, host
from ks_reset.model import Dial, Evidence, Finding, FleetFacts, MemberJoin, Options, Severity

NEXT = "With two records of one cluster, kubefed creates objects through one and deletes them through the other."

READS = Reads(found_in=host(DIALS, CONNECTIONS, CLUSTER_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    records = list(_records_with_identity(facts))
    for joining in options.material.joining:
        name = joining.cluster.obj.name
        mismatched = [(dial, uid) for dial, uid in records if uid and (dial.record == name) != (uid == joining.reaches)]
        if mismatched:
            yield _mismatch_finding(facts, joining, mismatched)
    names = {joining.cluster.obj.name for joining in options.material.joining}
    unknown = [dial for dial, uid in records if not uid and dial.record not in names] if names else []
    if unknown:
        yield Finding(
            id="unknown-record",
            severity=Severity.UNKNOWN,
            title=f"The cluster behind {', '.join(sorted({dial.record for dial in unknown}))} is not known",
            evidence=tuple(_identity_evidence(facts, dial, dial.reach) for dial in unknown),
            next=f"It may be a member to be joined. {NEXT}",
            cure=f"Run this where its address answers, or remove the record: {_removal(facts, unknown)}.",
        )


def _records_with_identity(facts: FleetFacts) -> Iterable[tuple[Dial, str]]:
    """Each record with the kube-system UID behind it: as dialled, else from status.uid of its Cluster, else "".

    The host's own is known by its label: its address may answer inside its cluster alone.
    """
    host = facts.host
    uids = {c.name: str((c.body.get("status") or {}).get("uid", "")) for c in host.of(CLUSTER_KEY)}
    uids |= {c.name: host.identity for c in host.of(CLUSTER_KEY) if HOST_ROLE_LABEL in c.labels}
    for dials in (host.dials, host.connections):
        reached = federation.identity_by_record(dials)
        yield from ((dial, reached[dial.record] or uids.get(dial.record, "")) for dial in dials)


def _mismatch_finding(facts: FleetFacts, joining: MemberJoin, mismatched: list[tuple[Dial, str]]) -> Finding:
    name = joining.cluster.obj.name
    return Finding(
        id="record-of-another-name",
        severity=Severity.CRITICAL,
        title=f"The host has a record with either the name {name} or its cluster, and not both",
        evidence=tuple(
            _identity_evidence(facts, dial, f"{uid}; {name} has to lead to {joining.reaches}")
            for dial, uid in mismatched
        ),
        next=NEXT,
        cure=f"Remove the wrong record first: {_removal(facts, (dial for dial, _ in mismatched))}.",
    )


def _removal(facts: FleetFacts, dials: Iterable[Dial]) -> str:
    """The commands to remove the records: one without a Cluster is stale, one with a Cluster is of a member."""
    members = {cluster.name for cluster in facts.host.of(CLUSTER_KEY)}
    flags = {
        name: f"forget-member --members {shlex.quote(name)}"
        if name in members
        else f"stale-record --record {shlex.quote(name)}"
        for name in sorted({dial.record for dial in dials})
    }
    return "; or ".join(f"ks-reset plan {words} --out plan.json" for words in flags.values())


def _identity_evidence(facts: FleetFacts, dial: Dial, identity: str) -> Evidence:
    return Evidence(facts.host.name, f"{dial.way} {dial.record}", "kube-system UID behind it", identity)
