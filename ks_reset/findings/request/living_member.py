"""A member to be forgotten answers: detach-member can clean it as well, and has to.

kubefed may reach it from inside where ks-reset does not; its condition Ready is as of its last probe, and counts
while kubefed runs (kubefed v0.8.1, pkg/controller/kubefedcluster/controller.go).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, HOST_ROLE_LABEL, KUBEFED_CLUSTER_KEY
from ks_reset.facts.stray_controllers import RUNNERS, running_kubefeds
from ks_reset.findings.fleet.unready_record import ready_condition
from ks_reset.findings.reads import DIALS, Reads, host
from ks_reset.model import ClusterFacts, Dial, Evidence, Finding, FleetFacts, Options, Reach, Severity

READS = Reads(found_in=host(DIALS, KUBEFED_CLUSTER_KEY, *RUNNERS), decided_by=host(CLUSTER_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for dial in facts.host.dials:
        if dial.record in options.request.members and (proof := _proof_of_life(facts.host, dial)):
            where = f"KubeFedCluster {dial.record}"
            yield Finding(
                id="living-member",
                severity=Severity.INFO,
                title=f"The member {dial.record} answers",
                evidence=(Evidence(facts.host.name, where, "reaches", proof),),
                next="Once forgotten, it keeps kubefed's labels and a full-rights account of this host.",
                cure="While it answers, it can be cleaned as well: ks-reset plan detach-member --members "
                f"{dial.record} --member {dial.record}=CONTEXT --out plan.json.",
            )


def _proof_of_life(host: ClusterFacts, dial: Dial) -> str:
    """How the cluster of a record is known to answer and to be the same as at the join; "" if it is not known."""
    cluster = host.get(CLUSTER_KEY, dial.record)
    was = str((cluster.body.get("status") or {}).get("uid", "")) if cluster else ""
    if cluster and HOST_ROLE_LABEL in cluster.labels:
        return "it is the host itself"
    if dial.reach is Reach.REACHED:
        return dial.identity if was in ("", dial.identity) else ""
    record = host.get(KUBEFED_CLUSTER_KEY, dial.record, dial.namespace)
    condition = ready_condition(record) if record else None
    is_ready = running_kubefeds(host) and condition is not None and condition.get("status") == "True"
    return "kubefed runs, and reports it as ready" if is_ready else ""
