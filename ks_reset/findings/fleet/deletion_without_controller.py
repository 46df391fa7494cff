"""Objects of KubeSphere's are in deletion, and ks-controller-manager or kubefed, which ends it, does not run.

Such as a Gateway with uninstall-helm-release (kubesphere v3.3.1, pkg/controller/helm/helm_controller.go), an
InstallPlan with kubesphere.io/installplan-protection (v4.1.3, pkg/controller/core/installplan_controller.go), and a
FederatedTypeConfig (kubefed v0.8.1, pkg/controller/federatedtypeconfig/controller.go). Namespaces, Workspaces with
namespaces, Clusters and federated objects have rules of their own.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.finalizers import finalizer_programs
from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    DEPLOYMENT_KEY,
    KS_CONTROLLER_MANAGER,
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_CORE_GROUP,
    KUBEFED_TYPES_GROUP,
    KUBESPHERE_NAMESPACE,
    NAMESPACE_KEY,
    WORKSPACE_KEY,
)
from ks_reset.facts.controllers import kubefed_controllers, replica_count, runs_deployment
from ks_reset.facts.crds import own_objects
from ks_reset.facts.workspaces import namespaces_by_workspace
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import OWN_TYPES, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation.finalizer_patch import finalizer_patch

ABOUT = About(Group.DELETIONS, "No deletion waits for a stopped controller", Urgency.STOPS)
READS = Reads(found_in=each(OWN_TYPES), decided_by=each(DEPLOYMENT_KEY, NAMESPACE_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        going = [obj for obj in own_objects(cluster) if obj.deleting and not _has_own_rule(cluster, obj)]
        held = [(obj, finalizer) for obj in going for finalizer in obj.finalizers if _waits(cluster, obj, finalizer)]
        if held:
            yield Finding(
                id="deletion-without-controller",
                severity=Severity.WARNING,
                title=f"{len(held)} object(s) of {cluster.name} wait in deletion for a controller that does not run",
                evidence=tuple(Evidence(cluster.name, o.title, "metadata.finalizers", f) for o, f in held),
                next="They stay as they are, and so do their namespaces and types once these are deleted.",
                cure=_way_on(cluster, held),
            )


def _has_own_rule(cluster: ClusterFacts, obj: Obj) -> bool:
    owns = obj.kind.key == WORKSPACE_KEY and obj.name in cluster.once(namespaces_by_workspace)
    return owns or obj.kind.key == CLUSTER_KEY or obj.kind.group == KUBEFED_TYPES_GROUP


def _program(obj: Obj, finalizer: str) -> str:
    """The controller that takes the finalizer off; "" for another program, or one that is not known."""
    if not catalogue.is_own_key(finalizer) and not catalogue.is_own_group(finalizer):
        return ""
    if obj.kind.group == KUBEFED_CORE_GROUP:
        return KUBEFED_CONTROLLER_MANAGER
    return KS_CONTROLLER_MANAGER if KS_CONTROLLER_MANAGER in finalizer_programs(obj.kind.key, finalizer) else ""


def _waits(cluster: ClusterFacts, obj: Obj, finalizer: str) -> bool:
    program = _program(obj, finalizer)
    if program == KUBEFED_CONTROLLER_MANAGER:
        return not any(replica_count(deployment) for deployment in kubefed_controllers(cluster))
    return program == KS_CONTROLLER_MANAGER and not runs_deployment(cluster, (program,))


def _way_on(cluster: ClusterFacts, held: list[tuple[Obj, str]]) -> str:
    obj, finalizer = held[0]
    kubectl = f"kubectl --context {cluster.context} -n {KUBESPHERE_NAMESPACE}"
    stopped = cluster.get(DEPLOYMENT_KEY, KS_CONTROLLER_MANAGER, KUBESPHERE_NAMESPACE)
    words = ["ks-reset plan uninstall --out plan.json takes these finalizers off, with KubeSphere."]
    if stopped and _program(obj, finalizer) == KS_CONTROLLER_MANAGER:
        words.append(f"To keep KubeSphere, start it: {kubectl} scale deployment {KS_CONTROLLER_MANAGER} --replicas=1.")
    words.append(f"To let one of them go by hand: {finalizer_patch(cluster, obj, finalizer)}")
    return " ".join(words)
