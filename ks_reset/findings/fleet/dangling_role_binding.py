"""A RoleBinding of KubeSphere's names a Role that is gone: the API server refuses its users everything there.

The vendor's script deletes the Roles admin, operator and viewer of each namespace (ks-installer v3.3.1,
scripts/kubesphere-delete.sh, delete_roles). ks-controller-manager creates them at the next event of a namespace, so at
its own start, but only with the label of a Workspace or of a DevOps project; the binding of the namespace's creator it
makes without one too (kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, initRoles and
initCreatorRoleBinding).
"""

import shlex
from collections.abc import Iterable
from itertools import groupby

from ks_reset.catalogue.names import (
    DEVOPS_PROJECT_LABEL,
    GROUP_REF_LABEL,
    KS_CONTROLLER_MANAGER,
    KUBESPHERE_NAMESPACE,
    NAMESPACE_KEY,
    ROLE_BINDING_KEY,
    ROLE_KEY,
    USER_REF_LABEL,
    WORKSPACE_LABEL,
)
from ks_reset.facts.stray_controllers import RUNNERS, runs_program
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.TENANTS, "The Roles of KubeSphere's RoleBindings exist", Urgency.STOPS)
READS = Reads(found_in=each(ROLE_BINDING_KEY), decided_by=each(ROLE_KEY, NAMESPACE_KEY), worded_by=each(*RUNNERS))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        going = {namespace.name for namespace in cluster.of(NAMESPACE_KEY) if namespace.deleting}
        named = [b for b in cluster.of(ROLE_BINDING_KEY) if {USER_REF_LABEL, GROUP_REF_LABEL} & {*b.labels}]
        dangling = [b for b in named if not b.deleting and b.namespace not in going and _lacks_role(cluster, b)]
        if dangling:
            yield Finding(
                id="dangling-role-binding",
                severity=Severity.WARNING,
                title=f"{len(dangling)} RoleBinding(s) of KubeSphere on {cluster.name} name a Role that does not exist",
                evidence=tuple(Evidence(cluster.name, b.title, "roleRef", f"Role {_role_of(b)}") for b in dangling),
                next="These users are members in KubeSphere's lists, and the API server refuses them everything there.",
                cure=_way_on(cluster, dangling),
            )


def _role_of(binding: Obj) -> str:
    """The name of the Role that a binding names; "" for a ClusterRole."""
    reference = binding.body.get("roleRef") or {}
    return str(reference.get("name", "")) if reference.get("kind") == "Role" else ""


def _lacks_role(cluster: ClusterFacts, binding: Obj) -> bool:
    role = _role_of(binding)
    return bool(role) and cluster.get(ROLE_KEY, role, binding.namespace) is None


def _way_on(cluster: ClusterFacts, bindings: list[Obj]) -> str:
    kubectl = f"kubectl --context {cluster.context}"
    inside = groupby(sorted(bindings, key=lambda b: b.namespace), lambda b: b.namespace)
    deleted = [
        f"{kubectl} -n {namespace} delete rolebindings {shlex.join(b.name for b in group)}"
        for namespace, group in inside
    ]
    drop = f"If nobody needs these bindings any more: {'; '.join(deleted)}."
    if not runs_program(cluster, (KS_CONTROLLER_MANAGER,)):
        return f"ks-reset plan uninstall --out plan.json removes the bindings with KubeSphere. {drop}"
    outside = sorted({b.namespace for b in bindings} - _projects(cluster))
    if outside and len(outside) == len({b.namespace for b in bindings}):
        return f"No controller creates Roles in namespaces without a Workspace. {drop}"
    restart = f"{kubectl} -n {KUBESPHERE_NAMESPACE} rollout restart deployment/{KS_CONTROLLER_MANAGER}"
    without = f" It creates none in {', '.join(outside)}, which belong to no Workspace." if outside else ""
    return f"At its start the controller creates the Roles of each project again: {restart}.{without} {drop}"


def _projects(cluster: ClusterFacts) -> set[str]:
    """The namespaces for which the controller creates Roles."""
    return {ns.name for ns in cluster.of(NAMESPACE_KEY) if {WORKSPACE_LABEL, DEVOPS_PROJECT_LABEL} & {*ns.labels}}
