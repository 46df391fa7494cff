"""A binding names a ClusterRole that does not exist: it grants nothing, and who needs it is answered 403.

Roles of projects are the matter of dangling-role-binding.

Kubernetes creates its own roles again whenever an API server starts (kubernetes v1.24.17,
pkg/registry/rbac/rest/storage_rbac.go, PostStartHook). ks-installer applies KubeSphere's at each of its starts
(ks-installer v3.3.1, controller/installRunner.py, preInstallTasks: ks-core). The join of a member writes its own
(kubesphere v3.3.1, pkg/controller/cluster/join.go). The inventories of ks-reset hold digests of roles, not their rules.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CLUSTER_ROLE_BINDING_KEY,
    CLUSTER_ROLE_KEY,
    DEPLOYMENT_KEY,
    KS_INSTALLER,
    KUBESPHERE_NAMESPACE,
    ROLE_BINDING_KEY,
)
from ks_reset.catalogue.rbac import is_built_in_name
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

BINDINGS = (CLUSTER_ROLE_BINDING_KEY, ROLE_BINDING_KEY)

ABOUT = About(Group.TENANTS, "The ClusterRoles of KubeSphere's bindings exist", Urgency.STOPS)
READS = Reads(found_in=each(*BINDINGS), decided_by=each(CLUSTER_ROLE_KEY), worded_by=each(DEPLOYMENT_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        empty = [obj for key in BINDINGS for obj in cluster.of(key) if _lacks_role(cluster, obj) and _matters(obj)]
        if empty:
            yield Finding(
                id="missing-role",
                severity=Severity.WARNING,
                title=f"{len(empty)} binding(s) of {cluster.name} name a role that does not exist",
                evidence=tuple(Evidence(cluster.name, o.title, "roleRef", " ".join(_role_of(o))) for o in empty),
                next="They grant nothing: joins, users and agents that need the role are answered 403.",
                cure=" ".join(_cures(cluster, empty)),
            )


def _role_of(binding: Obj) -> tuple[str, str]:
    role = binding.body.get("roleRef") or {}
    return str(role.get("kind", "")), str(role.get("name", ""))


def _lacks_role(cluster: ClusterFacts, binding: Obj) -> bool:
    kind, name = _role_of(binding)
    return kind == "ClusterRole" and cluster.get(CLUSTER_ROLE_KEY, name) is None


def _matters(binding: Obj) -> bool:
    """Whether the role is one of Kubernetes' own, or the binding is KubeSphere's. Users' bindings are theirs."""
    kind, name = _role_of(binding)
    own = catalogue.cluster_role_binding_proof(binding) or catalogue.role_binding_proof(binding)
    return bool(own) or (kind == "ClusterRole" and is_built_in_name(name))


def _cures(cluster: ClusterFacts, empty: list[Obj]) -> Iterable[str]:
    kubectl = f"kubectl --context {cluster.context}"
    roles = dict.fromkeys(_role_of(binding) for binding in empty)
    built_in = [name for kind, name in roles if kind == "ClusterRole" and is_built_in_name(name)]
    if built_in:
        names = ", ".join(built_in)
        yield (
            f"Somebody has deleted Kubernetes' own {names}. Each API server creates them again when it starts: restart "
            f"one, until this shows them: {kubectl} get clusterroles {' '.join(built_in)}."
        )
    if joins := [b for b in empty if catalogue.join_binding_proof(b)]:
        yield f"The host writes {', '.join(_role_of(b)[1] for b in joins)} again when it joins this cluster again."
    others = [b for b in empty if b not in joins and _role_of(b)[1] not in built_in]
    if others and cluster.get(DEPLOYMENT_KEY, KS_INSTALLER, KUBESPHERE_NAMESPACE):
        restart = f"{kubectl} -n {KUBESPHERE_NAMESPACE} rollout restart deployment {KS_INSTALLER}"
        yield f"ks-installer applies KubeSphere's roles at its start: {restart}."
    elif others:
        yield "Without an installer nobody writes KubeSphere's roles again."
    if others or joins:
        yield "Without KubeSphere such bindings are of no use: ks-reset plan uninstall --out plan.json removes them."
