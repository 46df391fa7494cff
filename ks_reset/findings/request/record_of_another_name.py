"""A member that is to be joined is reached by another name already, or its name by another cluster, or nobody can tell.

kubesphere v3.3.1 and v4.1.3, pkg/kapis/cluster/v1alpha1/handler.go, validateKubeConfig: KubeSphere's own console
refuses a cluster twice, by the UID of its kube-system; a Cluster that is made with kubectl is not asked.
"""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.model import Dial, Evidence, Finding, FleetFacts, MemberJoin, Options, Severity

NEXT = "Two records that lead to one cluster delete through the one what they make through the other."


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    ways = list(_ways(facts))
    for joining in options.material.joining:
        name = joining.cluster.obj.name
        other = [(way, uid) for way, uid in ways if uid and (way.record == name) != (uid == joining.reaches)]
        if other:
            yield _finding(facts, joining, other)
    names = {joining.cluster.obj.name for joining in options.material.joining}
    untold = [way for way, uid in ways if not uid and way.record not in names] if names else []
    if untold:
        yield Finding(
            id="unknown-record",
            severity=Severity.UNKNOWN,
            title=f"What {', '.join(sorted({way.record for way in untold}))} leads to is not known",
            evidence=tuple(_said(facts, way, way.reach) for way in untold),
            next=f"It may be a member that is to be joined. {NEXT}",
            cure="Run this where its address answers, or take the record away: ks-reset plan forget-member.",
            blocks=("rejoin",),
        )


def _ways(facts: FleetFacts) -> Iterable[tuple[Dial, str]]:
    """Each record with the cluster that it leads to: as dialled, else as KubeSphere has noted; "" if nobody knows.

    The host's own is known by its label: its address may be one that only the inside of that cluster reaches.
    """
    host = facts.host
    noted = {c.name: str((c.body.get("status") or {}).get("uid", "")) for c in host.of(federation.CLUSTER)}
    noted |= {c.name: host.identity for c in host.of(federation.CLUSTER) if federation.HOST in c.labels}
    for dials in (host.dials, host.connections):
        reached = federation.identities(dials)
        yield from ((dial, reached[dial.record] or noted.get(dial.record, "")) for dial in dials)


def _finding(facts: FleetFacts, joining: MemberJoin, other: list[tuple[Dial, str]]) -> Finding:
    name = joining.cluster.obj.name
    return Finding(
        id="record-of-another-name",
        severity=Severity.CRITICAL,
        title=f"The host has a record that fits {name} only in part: by name, or by the cluster behind it",
        evidence=tuple(_said(facts, way, f"{uid}; {name} is to lead to {joining.reaches}") for way, uid in other),
        next=NEXT,
        cure="Take the record away that is wrong first: ks-reset plan stale-record or forget-member.",
        blocks=("rejoin",),
    )


def _said(facts: FleetFacts, way: Dial, what: str) -> Evidence:
    return Evidence(facts.host.name, f"{way.way} {way.record}", "kube-system UID behind it", what)
