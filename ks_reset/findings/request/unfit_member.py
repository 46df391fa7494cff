"""A member to be joined does not fit its host: KubeSphere is absent there, or is another one.

3.x: KubeSphere's console checks the ks-apiserver of a member and its jwtSecret; a Cluster created with kubectl is not
checked (kubesphere v3.3.1, pkg/kapis/cluster/v1alpha1/handler.go, validateCluster). 4.x: the host installs ks-core on
the member itself, over an existing one, and tries again for ever if helm refuses to go on from a release left there
(kubesphere v4.1.3, pkg/controller/cluster/helper.go, installKSCoreInMemberCluster; helm v3.16.2, pkg/action/upgrade.go,
prepareUpgrade).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KEY,
    CLUSTER_KEY,
    CONFIG_GAP,
    DEPLOYMENT_KEY,
    HOST_ROLE_LABEL,
    KUBEFED_CLUSTER_KEY,
    KUBESPHERE_NAMESPACE,
    SECRET_KEY,
)
from ks_reset.facts import helm_releases, installer
from ks_reset.facts.installation import CORE_DEPLOYMENTS, cluster_configuration, running_version, unready_deployments
from ks_reset.findings.mend import for_cluster
from ks_reset.findings.reads import JWT, Reads, anywhere
from ks_reset.findings.request.planned_install import has_kubefed, members_to_join
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity

ROLE = f"ClusterConfiguration {KUBESPHERE_NAMESPACE}/ks-installer"

Fact = tuple[str, str, str]

DECIDES = (CLUSTER_KEY, CLUSTER_CONFIGURATION_KEY, DEPLOYMENT_KEY, KUBEFED_CLUSTER_KEY, SECRET_KEY, JWT)

READS = Reads(decided_by=anywhere(*DECIDES))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for _, member in members_to_join(facts, options):
        if reasons := list(_reasons_unfit(facts, member)):
            yield Finding(
                id="unfit-member",
                severity=Severity.WARNING,
                title=f"{member.name} cannot be joined by its host: {reasons[0][0]}",
                evidence=tuple(Evidence(member.name, *reason) for reason in reasons),
                next="The join ends half-way, or takes over a cluster with a host's role of its own.",
                cure=_ways_on(facts, member),
            )
        elif unknown := list(_unknown_facts(facts, member)):
            yield Finding(
                id="unread-member",
                severity=Severity.UNKNOWN,
                title=f"Whether {member.name} fits its host is not known",
                evidence=tuple(Evidence(*fact) for fact in unknown),
                next="A member of another version, or with another jwtSecret, refuses what its host sends.",
                cure=f"Check whether you may read it: kubectl --context {member.context} -n {KUBESPHERE_NAMESPACE} get "
                "configmap/kubesphere-config deployment/ks-apiserver.",
            )


def _ways_on(facts: FleetFacts, member: ClusterFacts) -> str:
    """A host of 4.x installs KubeSphere on its member itself; to one of 3.x a member comes with its own."""
    flag = for_cluster(facts, member)
    uninstall = f"ks-reset plan uninstall{flag} --out plan.json"
    if not has_kubefed(facts):
        return f"Take KubeSphere off it, since its host installs its own there: {uninstall}."
    version = running_version(facts.host)
    install = f"KubeSphere {version} on it as a member: ks-reset plan reinstall{flag} --values FILE --out plan.json."
    if cluster_configuration(member) or member.of(CLUSTER_KEY):
        return f"Take KubeSphere off it first: {uninstall}. Then install {install}"
    return f"Install {install}"


def _reasons_unfit(facts: FleetFacts, member: ClusterFacts) -> Iterable[Fact]:
    for cluster in member.of(CLUSTER_KEY):
        if HOST_ROLE_LABEL in cluster.labels:
            yield cluster.title, f"metadata.labels[{HOST_ROLE_LABEL}]", "it is a host itself"
    role = installer.multicluster_role(cluster_configuration(member))
    if not has_kubefed(facts):
        if role:
            yield ROLE, "metadata.name", "KubeSphere 3 is there, and the host would put 4 over it"
        for secret in helm_releases.revisions_to_remove(member.of(SECRET_KEY))[:1]:
            status = f"{secret.labels.get('status')}: the host's helm cannot go on from this release"
            yield secret.title, "metadata.labels.status", status
        return
    if role != "member":
        yield ROLE, "spec.multicluster.clusterRole", role or "there is none"
    for name in (CORE_DEPLOYMENTS[0], CORE_DEPLOYMENTS[2]):
        yield from (
            (f"Deployment {KUBESPHERE_NAMESPACE}/{name}", "status", line)
            for line in unready_deployments(member, [(KUBESPHERE_NAMESPACE, name)])
        )
    runs, hosts = running_version(member), running_version(facts.host)
    if runs and hosts and runs != hosts:
        yield f"Deployment {KUBESPHERE_NAMESPACE}/{CORE_DEPLOYMENTS[0]}", "version", f"{runs}; the host's is {hosts}"


def _unknown_facts(facts: FleetFacts, member: ClusterFacts) -> Iterable[tuple[str, str, str, str]]:
    """Values that have to be the same on member and host, and could not be read there."""
    for cluster in (member, facts.host) if has_kubefed(facts) else ():
        if not running_version(cluster):
            yield cluster.name, f"Deployment {KUBESPHERE_NAMESPACE}/{CORE_DEPLOYMENTS[0]}", "version", "unknown"
        if not cluster.jwt:
            yield cluster.name, CONFIG_GAP, "authentication.jwtSecret", "not read"
