"""A member that is to be forgotten, and that is alive: its part can be done as well, and has to be.

Whoever asks may not reach what kubefed reaches from inside; what kubefed says of a record is as of its last look, so
that counts as long as kubefed runs (kubefed v0.8.1, pkg/controller/kubefedcluster/controller.go).
"""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.facts.controllers import kubefeds, replicas
from ks_reset.findings.fleet.unready_record import ready
from ks_reset.model import ClusterFacts, Dial, Evidence, Finding, FleetFacts, Options, Reach, Severity


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for dial in facts.host.dials:
        if dial.record in options.request.members and (how := _alive(facts.host, dial)):
            where = f"KubeFedCluster {dial.record}"
            yield Finding(
                id="living-member",
                severity=Severity.INFO,
                title=f"The member {dial.record} is alive",
                evidence=(Evidence(facts.host.name, where, "reaches", how),),
                next="Forgotten, it keeps kubefed's labels and a full-rights account of this host.",
                cure=f"ks-reset plan detach-member --members {dial.record} --member {dial.record}=CONTEXT.",
                blocks=("forget-member",),
            )


def _alive(host: ClusterFacts, dial: Dial) -> str:
    """How it is known that the cluster of a record is the one that it was made for, and answers; "" if it is not."""
    cluster = host.get(federation.CLUSTER, dial.record)
    was = str((cluster.body.get("status") or {}).get("uid", "")) if cluster else ""
    if cluster and federation.HOST in cluster.labels:
        return "it is the host itself"
    if dial.reach is Reach.REACHED:
        return dial.identity if was in ("", dial.identity) else ""
    record = host.get(federation.RECORD, dial.record, dial.namespace)
    said = ready(record) if record else None
    looks = any(replicas(deployment) for deployment in kubefeds(host))
    return "kubefed, which runs, says that it is ready" if looks and said and said.get("status") == "True" else ""
