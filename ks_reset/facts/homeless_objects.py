"""Objects left in a namespace that does not exist any more, as after finalizers of a namespace were taken off by force.

They can be read and deleted; the API server answers each change of one with 404 (kubernetes v1.24.17 and v1.34.4,
staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go, Admit: deletions pass, everything
else needs the namespace).
"""

from ks_reset.catalogue.names import EVENT_KEYS, KUBE_SYSTEM_NAMESPACE, NAMESPACE_KEY
from ks_reset.model import ClusterFacts, Obj


def homeless_objects(cluster: ClusterFacts) -> list[Obj]:
    """The objects without their namespace; none where the namespaces were not read: each cluster has kube-system."""
    names = {namespace.name for namespace in cluster.of(NAMESPACE_KEY)}
    if KUBE_SYSTEM_NAMESPACE not in names:
        return []
    return [
        obj for obj in cluster.all() if obj.namespace and obj.namespace not in names and obj.kind.key not in EVENT_KEYS
    ]


def way_past_absence(cluster: ClusterFacts, namespace: str) -> str:
    """The command to create the namespace again, and what to do with it afterwards."""
    kubectl = f"kubectl --context {cluster.context}"
    return (
        f"Create it again, so that these objects can be changed: {kubectl} create namespace {namespace}. "
        f"Afterwards keep it, or delete it with all that is in it: {kubectl} delete namespace {namespace}"
    )
