"""Objects that end or change by themselves, so that their loss proves nothing: a controller makes the next one.

The same type without a controller is a user's: a Pod without owner, the Endpoints of a Service without selector.
EndpointSlices and Events are not read at all (`facts/gather.py`).
"""

from ks_reset.model import ClusterFacts, Obj

OWNED = ("Pod", "ReplicaSet.apps", "ControllerRevision.apps", "Job.batch")
"""Types that users make too, and that a controller makes with itself as owner."""
ALWAYS = ("Lease.coordination.k8s.io", "IPAddress.networking.k8s.io", "Node")
ENDPOINTS, SERVICE, API_SERVICE = "Endpoints", "Service", "APIService.apiregistration.k8s.io"
LEADER = "control-plane.alpha.kubernetes.io/leader"
MIRROR = "kubernetes.io/config.mirror"
"""The annotation of the mirror of a static Pod: the kubelet makes it (kubernetes v1.24.17, pkg/kubelet/types)."""
AUTO_UPDATE = "apf.kubernetes.io/autoupdate-spec"
"""The annotation of what kube-apiserver makes itself (kubernetes v1.24.17, pkg/registry/flowcontrol/ensurer)."""
FLOW_CONTROL = "flowcontrol.apiserver.k8s.io"
REWRITTEN = {"leader", "renewTime", "optime", "acquireTime"}
MANAGED_BY = "app.kubernetes.io/managed-by"
OF_API_SERVER = ("default", "kubernetes")
"""The Endpoints with the addresses of kube-apiserver itself (kubernetes v1.24.17, pkg/controlplane/reconcilers)."""


def is_passing(obj: Obj, cluster: ClusterFacts) -> bool:
    """Whether an object of a cluster ends or changes by itself."""
    key = obj.kind.key
    if key in OWNED:
        return bool(obj.owners) or _ends_by_itself(obj)
    if key == ENDPOINTS:
        return _is_written_by_controller(obj, cluster)
    if key == API_SERVICE:
        return not obj.spec.get("service")
    return key in ALWAYS or (obj.kind.group == FLOW_CONTROL and AUTO_UPDATE in obj.annotations)


def is_rewritten(obj: Obj) -> bool:
    """Whether a program of a user writes an object again and again, so that its existence alone is compared.

    Endpoints without selector in which patroni keeps its leader (patroni at 023b088, patroni/dcs/kubernetes.py), and
    those of the kubelets (prometheus-operator v0.55.1, pkg/prometheus/operator.go, syncNodeEndpoints).
    """
    if obj.kind.key != ENDPOINTS:
        return False
    return bool(REWRITTEN & obj.annotations.keys()) or obj.labels.get(MANAGED_BY) == "prometheus-operator"


def _ends_by_itself(obj: Obj) -> bool:
    """The mirror of a static Pod, a Pod that has ended or will, a Job to be deleted once it has ended.

    A Pod not restarted for ever ends with its work, and its maker deletes it: so do agents of CI systems.
    """
    ended = (obj.body.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    ends = obj.spec.get("restartPolicy", "Always") != "Always"
    return MIRROR in obj.annotations or ended or ends or obj.spec.get("ttlSecondsAfterFinished") is not None


def _is_written_by_controller(endpoints: Obj, cluster: ClusterFacts) -> bool:
    """The addresses of the Pods of a Service, those of kube-apiserver, or a lock of a leader election.

    Without a selector none is written (kubernetes v1.24.17, pkg/controller/endpoint/endpoints_controller.go,
    syncService).
    """
    place = endpoints.namespace, endpoints.name
    service = cluster.get(SERVICE, endpoints.name, endpoints.namespace)
    selected = service is not None and bool(service.spec.get("selector"))
    return selected or place == OF_API_SERVER or LEADER in endpoints.annotations or SERVICE not in cluster.objects
