"""Members are to be joined to a cluster where no host of KubeSphere's works: nobody would act on a Cluster.

kubesphere v3.3.1 and v4.1.3, pkg/controller/cluster/cluster_controller.go: ks-controller-manager of a host joins.
"""

from collections.abc import Iterable

from ks_reset.facts import installer
from ks_reset.facts.federation import CLUSTER
from ks_reset.facts.installation import CORE, FEDERATION, KUBEFED, SYSTEM, configuration, unready
from ks_reset.findings.request.planned_install import federates
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    host = facts.host
    if options.material.joining and (why := list(_why(facts))):
        yield Finding(
            id="nothing-to-join-to",
            severity=Severity.WARNING,
            title=f"On {host.name} no KubeSphere works that members could be joined to",
            evidence=tuple(Evidence(host.name, what, field, value) for what, field, value in why),
            next="A Cluster that nobody acts upon joins nothing.",
            cure="Install KubeSphere there as a host (ks-reset plan reinstall), or start what is stopped; then join.",
            blocks=("rejoin",),
        )


def _why(facts: FleetFacts) -> Iterable[tuple[str, str, str]]:
    host = facts.host
    if CLUSTER not in host.kinds:
        yield CLUSTER, "served", "no"
        return
    if (role := installer.role(configuration(host))) not in ("", "host"):
        yield f"ClusterConfiguration {SYSTEM}/ks-installer", "spec.multicluster.clusterRole", role
    needed = [(SYSTEM, CORE[0]), (SYSTEM, CORE[2]), *([(FEDERATION, KUBEFED)] if federates(facts) else [])]
    for where, name in needed:
        yield from ((f"Deployment {where}/{name}", "status", line) for line in unready(host, [(where, name)]))
