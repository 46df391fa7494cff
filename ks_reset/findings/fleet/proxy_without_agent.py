"""A member is joined through KubeSphere's proxy, and its agent does not run: the host does not reach it.

The agent is Deployment kubesphere-system/cluster-agent on the member (kubesphere v3.3.1,
pkg/kapis/cluster/v1alpha1/handler.go).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, DEPLOYMENT_KEY, KUBESPHERE_NAMESPACE
from ks_reset.facts.controllers import replica_count
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each, host
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.CLUSTERS, "The agents of proxied members run", Urgency.STOPS)
READS = Reads(found_in=host(CLUSTER_KEY), decided_by=each(DEPLOYMENT_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.host.of(CLUSTER_KEY):
        member = next((w for w in facts.members if w.name == cluster.name), None)
        if (cluster.spec.get("connection") or {}).get("type") == "proxy" and member and not _agent_runs(member):
            yield Finding(
                id="proxy-without-agent",
                severity=Severity.WARNING,
                title=f"{cluster.name} is joined through the proxy, and its agent does not run",
                evidence=(
                    Evidence(facts.host.name, cluster.title, "spec.connection.type", "proxy"),
                    Evidence(member.name, "Deployment kubesphere-system/cluster-agent", "spec.replicas", "0 or absent"),
                ),
                next="The host does not reach this member; objects deleted on the host stay there.",
                cure=f"{_start_text(member)}; or reach the member directly: ks-reset doctor "
                f"--member {cluster.name}=CONTEXT.",
            )


def _agent_of(member: ClusterFacts) -> Obj | None:
    return member.get(DEPLOYMENT_KEY, "cluster-agent", KUBESPHERE_NAMESPACE)


def _agent_runs(member: ClusterFacts) -> bool:
    agent = _agent_of(member)
    return agent is not None and replica_count(agent) > 0


def _start_text(member: ClusterFacts) -> str:
    if _agent_of(member) is None:
        return "Apply the agent's manifest on the member again, as KubeSphere's console shows it for this cluster"
    kubectl = f"kubectl --context {member.context} -n {KUBESPHERE_NAMESPACE}"
    return f"Start the agent: {kubectl} scale deployment cluster-agent --replicas=1"
