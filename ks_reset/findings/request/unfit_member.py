"""A member that is to be joined, and that is no member of this host's kind: KubeSphere there is none, or another one.

3.x: KubeSphere's console asks a member whether its ks-apiserver answers and for the host's jwtSecret, a Cluster made
with kubectl is not asked (kubesphere v3.3.1, pkg/kapis/cluster/v1alpha1/handler.go, validateCluster). 4.x: the host
puts ks-core on the member itself, over whatever is there (kubesphere v4.1.3, pkg/controller/cluster/helper.go).
"""

from collections.abc import Iterable

from ks_reset.facts import installer
from ks_reset.facts.federation import CLUSTER, HOST
from ks_reset.facts.installation import CORE, SYSTEM, configuration, unready, version
from ks_reset.findings.request.planned_install import has_kubefed, members_to_join
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity

ROLE = f"ClusterConfiguration {SYSTEM}/ks-installer"
CONFIG = f"ConfigMap {SYSTEM}/kubesphere-config"
Fact = tuple[str, str, str]


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for _, member in members_to_join(facts, options):
        if why := list(_unfit(facts, member)):
            yield Finding(
                id="unfit-member",
                severity=Severity.WARNING,
                title=f"{member.name} is not what its host could join: {why[0][0]}",
                evidence=tuple(Evidence(member.name, *each) for each in why),
                next="The join ends half-way, or takes over a cluster that has a host's role of its own.",
                cure=f"Put KubeSphere {version(facts.host)} on it as a member first (ks-reset plan reinstall), or "
                "take off what is there (ks-reset plan uninstall).",
            )
        elif untold := list(_untold(facts, member)):
            yield Finding(
                id="unread-member",
                severity=Severity.UNKNOWN,
                title=f"Whether {member.name} fits its host is not known",
                evidence=tuple(Evidence(*each) for each in untold),
                next="A member of another version, or with another jwtSecret, refuses what its host sends.",
                cure=f"See why it cannot be told, and whether you may read {CONFIG} there.",
            )


def _unfit(facts: FleetFacts, member: ClusterFacts) -> Iterable[Fact]:
    for cluster in member.of(CLUSTER):
        if HOST in cluster.labels:
            yield cluster.title, f"metadata.labels[{HOST}]", "it is a host itself"
    role = installer.role(configuration(member))
    if not has_kubefed(facts):
        if role:
            yield ROLE, "metadata.name", "KubeSphere 3 is there, and the host would put 4 over it"
        return
    if role != "member":
        yield ROLE, "spec.multicluster.clusterRole", role or "there is none"
    for name in (CORE[0], CORE[2]):
        yield from ((f"Deployment {SYSTEM}/{name}", "status", line) for line in unready(member, [(SYSTEM, name)]))
    runs, hosts = version(member), version(facts.host)
    if runs and hosts and runs != hosts:
        yield f"Deployment {SYSTEM}/{CORE[0]}", "version", f"{runs}; the host's is {hosts}"


def _untold(facts: FleetFacts, member: ClusterFacts) -> Iterable[tuple[str, str, str, str]]:
    """What could not be read of the member or its host, of what has to be the same on both."""
    for world in (member, facts.host) if has_kubefed(facts) else ():
        if not version(world):
            yield world.name, f"Deployment {SYSTEM}/{CORE[0]}", "version", "unknown"
        if not world.jwt:
            yield world.name, CONFIG, "authentication.jwtSecret", "not read"
