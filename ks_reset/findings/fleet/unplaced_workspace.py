"""A Workspace is on a cluster where its FederatedWorkspace is not placed: kubefed deletes it, its namespaces follow.

kubefed v0.8.1, pkg/controller/sync/controller.go, syncToClusters. system-workspace owns KubeSphere's namespaces: a
cluster that is taken out of it loses them (kubesphere issues 2325 and 3402). Another Workspace takes the namespaces of
users along (kubesphere issue 4210).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import (
    FEDERATED_TYPE_CONFIG_KEY,
    FEDERATED_WORKSPACE_KEY,
    KUBEFED_CLUSTER_KEY,
    KUBEFED_MANAGED_LABEL,
    NAMESPACE_KEY,
    WORKSPACE_KEY,
    WORKSPACE_TEMPLATE_KEY,
)
from ks_reset.facts import federation
from ks_reset.facts.workspaces import namespaces_by_workspace
from ks_reset.findings.about import About, Group
from ks_reset.findings.fleet.unplaced_target import unplaced_targets
from ks_reset.findings.reads import ANY_LIST, DIALS, Reads, each, host
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation.by_hand import place_patch

ABOUT = About(Group.FEDERATION, "Workspaces with namespaces are placed where they are", Urgency.DATA)
READS = Reads(
    found_in=(*host(FEDERATED_TYPE_CONFIG_KEY), *each(NAMESPACE_KEY, ANY_LIST)),
    decided_by=host(DIALS, KUBEFED_CLUSTER_KEY),
    worded_by=host(WORKSPACE_TEMPLATE_KEY),
)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        records = federation.records_of(facts, cluster)
        unplaced = unplaced_targets(facts, cluster, records) if records else ()
        workspaces = [obj for obj in unplaced if obj.kind.key == WORKSPACE_KEY]
        owned = namespaces_by_workspace(cluster) if workspaces else {}
        for workspace in workspaces:
            if namespaces := owned.get(workspace.name):
                yield _unplaced_finding(facts, cluster, workspace, namespaces)


def _unplaced_finding(facts: FleetFacts, cluster: ClusterFacts, workspace: Obj, namespaces: list[Obj]) -> Finding:
    names = [namespace.name for namespace in namespaces]
    return Finding(
        id="unplaced-workspace",
        severity=Severity.CRITICAL,
        title=f"Workspace {workspace.name} on {cluster.name} is kubefed's, and not placed there",
        evidence=(
            Evidence(cluster.name, workspace.title, f"metadata.labels[{KUBEFED_MANAGED_LABEL}]", "true"),
            *(Evidence(cluster.name, ns.title, "metadata.ownerReferences", workspace.title) for ns in namespaces),
        ),
        next=f"kubefed deletes the Workspace here as soon as it runs. Garbage collection then deletes "
        f"the namespace(s) {', '.join(names)}, with all that is inside.",
        cure=_way_on(facts, cluster, workspace),
    )


def _way_on(facts: FleetFacts, cluster: ClusterFacts, workspace: Obj) -> str:
    """Where there is a template: KubeSphere writes its placement to the FederatedWorkspace."""
    places = (facts.host.get(key, workspace.name) for key in (WORKSPACE_TEMPLATE_KEY, FEDERATED_WORKSPACE_KEY))
    placed = next(filter(None, places), None)
    records = sorted(federation.records_of(facts, cluster))
    resource = placed.kind.resource if placed else "federatedworkspaces.types.kubefed.io"
    edit = f"kubectl --context {facts.host.context} edit {resource} {workspace.name}"
    place = (place_patch(facts.host, placed, records) if placed else "") or edit
    return (
        "Before kubefed runs, have the API server refuse the deletion of users' namespaces: ks-reset protect on. Then "
        f"add {', '.join(records)} to spec.placement.clusters: {place}. Or take the namespaces out of their "
        "Workspaces: ks-reset plan unbind --out plan.json."
    )
