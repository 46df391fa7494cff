"""Members are to be joined to a cluster without a working host of KubeSphere: nobody would act on a Cluster.

kubesphere v3.3.1 and v4.1.3, pkg/controller/cluster/cluster_controller.go: ks-controller-manager of a host joins.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KEY,
    CLUSTER_KEY,
    DEPLOYMENT_KEY,
    KUBEFED_CLUSTER_KEY,
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_NAMESPACE,
    KUBESPHERE_NAMESPACE,
)
from ks_reset.facts import installer
from ks_reset.facts.installation import CORE_DEPLOYMENTS, cluster_configuration, unready_deployments
from ks_reset.findings.reads import Reads, host
from ks_reset.findings.request.planned_install import has_kubefed
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

READS = Reads(decided_by=host(CLUSTER_KEY, CLUSTER_CONFIGURATION_KEY, DEPLOYMENT_KEY, KUBEFED_CLUSTER_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    host = facts.host
    if options.material.joining and (reasons := list(_reasons_not_working(facts))):
        yield Finding(
            id="nothing-to-join-to",
            severity=Severity.WARNING,
            title=f"{host.name} runs no KubeSphere for members to be joined to",
            evidence=tuple(Evidence(host.name, what, field, value) for what, field, value in reasons),
            next="Nobody acts on a Cluster there, so no member is joined.",
            cure="Install KubeSphere there as a host (ks-reset plan reinstall --values FILE --out plan.json), or start "
            "the Deployments above; then join.",
        )


def _reasons_not_working(facts: FleetFacts) -> Iterable[tuple[str, str, str]]:
    host = facts.host
    if CLUSTER_KEY not in host.kinds:
        yield CLUSTER_KEY, "served", "no"
        return
    if (role := installer.multicluster_role(cluster_configuration(host))) not in ("", "host"):
        yield f"ClusterConfiguration {KUBESPHERE_NAMESPACE}/ks-installer", "spec.multicluster.clusterRole", role
    needed = [
        (KUBESPHERE_NAMESPACE, CORE_DEPLOYMENTS[0]),
        (KUBESPHERE_NAMESPACE, CORE_DEPLOYMENTS[2]),
        *([(KUBEFED_NAMESPACE, KUBEFED_CONTROLLER_MANAGER)] if has_kubefed(facts) else []),
    ]
    for where, name in needed:
        yield from (
            (f"Deployment {where}/{name}", "status", line) for line in unready_deployments(host, [(where, name)])
        )
