"""Objects are in deletion, and ks-controller-manager or kubefed, which takes their finalizer off, does not run.

Such as a Gateway with uninstall-helm-release (kubesphere v3.3.1, pkg/controller/helm/helm_controller.go), an
InstallPlan with kubesphere.io/installplan-protection (v4.1.3, pkg/controller/core/installplan_controller.go), and a
FederatedTypeConfig (kubefed v0.8.1, pkg/controller/federatedtypeconfig/controller.go). Namespaces, Workspaces with
namespaces, Clusters and federated objects have rules of their own; other programs' finalizers are of hanging_finalizer.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    KS_CONTROLLER_MANAGER,
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_TYPES_GROUP,
    NAMESPACE_KEY,
    WORKSPACE_KEY,
)
from ks_reset.facts.controllers import reacting_controllers
from ks_reset.facts.hanging import Hold, orphaned_holds
from ks_reset.facts.stray_controllers import RUNNERS
from ks_reset.facts.workspaces import namespaces_by_workspace
from ks_reset.findings.about import About, Group
from ks_reset.findings.mend import unless_lost
from ks_reset.findings.reads import ANY_LIST, EVERYTHING, Reads, anywhere, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation.by_hand import finalizer_patch, start_command

CONTROLLERS = {KS_CONTROLLER_MANAGER, KUBEFED_CONTROLLER_MANAGER}

ABOUT = About(Group.DELETIONS, "No deletion waits for a stopped controller", Urgency.STOPS)
READS = Reads(
    found_in=each(EVERYTHING),
    decided_by=each(*RUNNERS, NAMESPACE_KEY),
    worded_by=anywhere(EVERYTHING, ANY_LIST),
)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        held = [hold for hold in orphaned_holds(cluster) if CONTROLLERS & {*hold.programs}]
        if held := [hold for hold in held if not _has_own_rule(cluster, hold.obj)]:
            yield Finding(
                id="deletion-without-controller",
                severity=Severity.WARNING,
                title=f"{len(held)} object(s) of {cluster.name} stay in deletion: their controller does not run",
                evidence=tuple(Evidence(cluster.name, h.obj.title, "metadata.finalizers", h.finalizer) for h in held),
                next="Each keeps its finalizer and stays in deletion. Its namespace and its type cannot be deleted "
                "to the end either.",
                cure=" ".join(_ways_on(facts, cluster, held)),
            )


def _has_own_rule(cluster: ClusterFacts, obj: Obj) -> bool:
    owns = obj.kind.key == WORKSPACE_KEY and obj.name in cluster.once(namespaces_by_workspace)
    return owns or obj.kind.key in (CLUSTER_KEY, NAMESPACE_KEY) or obj.kind.group == KUBEFED_TYPES_GROUP


def _ways_on(facts: FleetFacts, cluster: ClusterFacts, held: list[Hold]) -> Iterable[str]:
    """Start what is there; else repair and uninstall, and a patch for one finalizer by hand."""
    wanted = {program for hold in held for program in hold.programs}
    for deployment in reacting_controllers(cluster):
        if deployment.name in wanted & {KS_CONTROLLER_MANAGER}:
            start = f"To let it finish the deletions, start it: {start_command(cluster, deployment)}."
            yield unless_lost(facts, deployment.name, start)
    yield (
        "ks-reset plan repair --out repair.json takes these finalizers off and keeps KubeSphere; what the controller "
        "itself would do at these deletions is not done."
    )
    yield "ks-reset plan uninstall --out plan.json takes them off with KubeSphere."
    yield f"To take off one by hand: {finalizer_patch(cluster, held[0].obj, held[0].finalizer)}"
