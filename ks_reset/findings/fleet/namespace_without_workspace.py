"""A namespace names a Workspace that does not exist: KubeSphere shows the project in no Workspace.

ks-controller-manager skips such a namespace until a Workspace of the name exists, and binds it then (kubesphere v3.3.1,
pkg/controller/namespace/namespace_controller.go, bindWorkspace). Reported after a host was installed again or a
member changed its host: kubesphere issues 3631, 2917 and 5450.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY, WORKSPACE_KEY, WORKSPACE_LABEL
from ks_reset.catalogue.ownership import is_users
from ks_reset.facts.workspaces import workspace_owner
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

SYSTEM_WORKSPACE = "system-workspace"

ABOUT = About(Group.TENANTS, "The Workspace that a namespace names exists", Urgency.STOPS)
READS = Reads(found_in=each(NAMESPACE_KEY), decided_by=each(WORKSPACE_KEY, ANY_LIST))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if WORKSPACE_KEY not in cluster.kinds or WORKSPACE_KEY not in cluster.objects:
            continue  # without the type nobody reads the label; an unread list is unknown
        known = {workspace.name for workspace in cluster.of(WORKSPACE_KEY)} | {"", SYSTEM_WORKSPACE}
        named = [ns for ns in cluster.of(NAMESPACE_KEY) if ns.labels.get(WORKSPACE_LABEL, "") not in known]
        if lost := [ns for ns in named if not (ns.deleting or workspace_owner(ns)) and is_users(ns, cluster)]:
            yield Finding(
                id="namespace-without-workspace",
                severity=Severity.WARNING,
                title=f"{len(lost)} namespace(s) of {cluster.name} name a Workspace that does not exist",
                evidence=tuple(
                    Evidence(cluster.name, ns.title, f"metadata.labels[{WORKSPACE_LABEL}]", ns.labels[WORKSPACE_LABEL])
                    for ns in lost
                ),
                next="KubeSphere shows these projects in no Workspace, and their members do not find them. A Workspace "
                "of that name, once created, gets them, and takes them along when it is deleted.",
                cure=_way_on(cluster, lost),
            )


def _way_on(cluster: ClusterFacts, namespaces: list[Obj]) -> str:
    kubectl = f"kubectl --context {cluster.context}"
    workspaces = " ".join(sorted({ns.labels[WORKSPACE_LABEL] for ns in namespaces}))
    names = " ".join(ns.name for ns in namespaces)
    return (
        "From a snapshot of before, with Workspaces, users and roles: ks-reset plan rebind --memory FILE --out "
        "plan.json. Without one, an administrator creates the Workspace in KubeSphere's console under the same name, "
        f"which is done once this shows it: {kubectl} get workspaces.tenant.kubesphere.io {workspaces}. If the "
        f"projects are to stay outside of KubeSphere: {kubectl} label namespaces {names} {WORKSPACE_LABEL}-"
    )
