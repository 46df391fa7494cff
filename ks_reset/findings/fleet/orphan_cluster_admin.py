"""A former administrator of KubeSphere's still has all rights: the ClusterRoleBinding is left of a GlobalRoleBinding.

KubeSphere binds each platform-admin to cluster-admin, and the GlobalRoleBinding owns the binding (kubesphere v3.3.1,
pkg/controller/globalrolebinding/globalrolebinding_controller.go, assignClusterAdminRole). Garbage collection does not
delete it while the type of its owner is not served (kubernetes v1.24.17,
pkg/controller/garbagecollector/garbagecollector.go). The certificate in the user's kubeconfig stays valid.
"""

import shlex
from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_ROLE_BINDING_KEY, IAM_GROUP
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

OWNER = "GlobalRoleBinding"
OWNER_KEY = f"{OWNER}.{IAM_GROUP}"

ABOUT = About(Group.TENANTS, "Nobody is cluster-admin by a KubeSphere that is gone", Urgency.KNOW)
READS = Reads(found_in=each(CLUSTER_ROLE_BINDING_KEY), decided_by=each(OWNER_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        bindings = [binding for binding in cluster.of(CLUSTER_ROLE_BINDING_KEY) if _is_of_administrator(binding)]
        if bindings and OWNER_KEY not in cluster.kinds:
            names = shlex.join(binding.name for binding in bindings)
            yield Finding(
                id="orphan-cluster-admin",
                severity=Severity.WARNING,
                title=f"{len(bindings)} user(s) are cluster-admin on {cluster.name} by a KubeSphere that is gone",
                evidence=tuple(Evidence(cluster.name, b.title, "subjects", _subjects(b)) for b in bindings),
                next="A kubeconfig that KubeSphere gave to such a user still has all rights on this cluster.",
                cure="ks-reset plan uninstall --out plan.json removes these bindings with what else is left. By hand: "
                f"kubectl --context {cluster.context} delete clusterrolebindings {names}. It is done once doctor does "
                "not name them; a user who is to stay an administrator gets a binding of another name first.",
            )


def _is_of_administrator(binding: Obj) -> bool:
    role = (binding.body.get("roleRef") or {}).get("name")
    return role == "cluster-admin" and any((o.group, o.kind) == (IAM_GROUP, OWNER) for o in binding.owners)


def _subjects(binding: Obj) -> str:
    return ", ".join(f"{s.get('kind')} {s.get('name')}" for s in binding.body.get("subjects") or [])
