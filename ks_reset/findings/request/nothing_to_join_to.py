"""Members are to be joined to a cluster without a working host of KubeSphere: nobody would act on a Cluster.

kubesphere v3.3.1 and v4.1.3, pkg/controller/cluster/cluster_controller.go: ks-controller-manager of a host joins.
"""

import shlex
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
            cure=_ways_on(facts),
        )


def _ways_on(facts: FleetFacts) -> str:
    """The commands to start the stopped ones; without a stopped one, the installation."""
    stopped = [
        obj
        for where, name in _needed(facts)
        if (obj := facts.host.get(DEPLOYMENT_KEY, name, where)) and obj.spec.get("replicas", 1) == 0
    ]
    install = "Install KubeSphere there as a host: ks-reset plan reinstall --values FILE --out plan.json."
    if not stopped:
        return install
    kubectl = f"kubectl --context {shlex.quote(facts.host.context)}"
    starts = [f"{kubectl} -n {obj.namespace} scale deployment {obj.name} --replicas=1" for obj in stopped]
    return f"Start what is stopped, and join once its pods are ready: {'; '.join(starts)}. If it is gone: {install}"


def _reasons_not_working(facts: FleetFacts) -> Iterable[tuple[str, str, str]]:
    host = facts.host
    if CLUSTER_KEY not in host.kinds:
        yield CLUSTER_KEY, "served", "no"
        return
    if (role := installer.multicluster_role(cluster_configuration(host))) not in ("", "host"):
        yield f"ClusterConfiguration {KUBESPHERE_NAMESPACE}/ks-installer", "spec.multicluster.clusterRole", role
    for where, name in _needed(facts):
        yield from (
            (f"Deployment {where}/{name}", "status", line) for line in unready_deployments(host, [(where, name)])
        )


def _needed(facts: FleetFacts) -> list[tuple[str, str]]:
    """Namespace and name of each Deployment that joins members."""
    return [
        (KUBESPHERE_NAMESPACE, CORE_DEPLOYMENTS[0]),
        (KUBESPHERE_NAMESPACE, CORE_DEPLOYMENTS[2]),
        *([(KUBEFED_NAMESPACE, KUBEFED_CONTROLLER_MANAGER)] if has_kubefed(facts) else []),
    ]
