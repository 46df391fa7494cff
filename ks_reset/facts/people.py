"""The bindings by which KubeSphere gives people access: in users' namespaces, to Workspaces, and cluster-wide.

The API server knows these users without KubeSphere too: each user's kubeconfig has a client certificate of the cluster
with the user's name (kubesphere v3.3.1, pkg/models/kubeconfig/kubeconfig.go, createCSR; v4.1.3, pkg/models/kubeconfig/
options.go, NewOptions). A role of a Workspace or of the platform is KubeSphere's own, and works in its API alone.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import CLUSTER_ROLE_BINDING_KEY, ROLE_BINDING_KEY
from ks_reset.model import ClusterFacts, Obj

WIDER_KEYS = ("WorkspaceRoleBinding.iam.kubesphere.io", "GlobalRoleBinding.iam.kubesphere.io")
SYSTEM = ("system:", "pre-registration")
"""The beginnings of names that no person has."""
KEPT = (
    "people keep their access (--leave): who has the kubeconfig that KubeSphere made signs in by its certificate until "
    "that expires, whoever it is. To take access away: kubectl -n NAMESPACE delete rolebinding NAME"
)


def project_bindings(cluster: ClusterFacts) -> Iterable[Obj]:
    """KubeSphere's RoleBindings that give people access to users' namespaces."""
    for binding in cluster.of(ROLE_BINDING_KEY):
        inside = catalogue.own_namespace(cluster, binding.namespace) or catalogue.shared_namespace(binding.namespace)
        if _people_of(binding) and not inside and catalogue.role_binding_proof(binding):
            yield binding


def wider_bindings(cluster: ClusterFacts) -> Iterable[Obj]:
    """KubeSphere's bindings that give people a Workspace, the platform, or something in the whole cluster."""
    for binding in cluster.of(CLUSTER_ROLE_BINDING_KEY):
        if _people_of(binding) and catalogue.cluster_role_binding_proof(binding):
            yield binding
    for key in WIDER_KEYS:
        yield from (binding for binding in cluster.of(key) if _people_of(binding))


def told_binding(binding: Obj) -> str:
    """`alice as admin in shop (RoleBinding… shop/alice-admin)`."""
    role = (binding.body.get("roleRef") or {}).get("name")
    where = f" in {binding.namespace}" if binding.namespace else ""
    return f"{', '.join(_people_of(binding))} as {role}{where} ({binding.title})"


def _people_of(binding: Obj) -> list[str]:
    subjects = [s for s in binding.body.get("subjects") or () if s.get("kind") in ("User", "Group")]
    return [name for name in (str(s.get("name")) for s in subjects) if not name.startswith(SYSTEM)]
