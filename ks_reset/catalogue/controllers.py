"""KubeSphere's and kubefed's controllers in stopping order, and their leader-election locks.

ks-installer comes first: its shell-operator would restart the others (ks-installer v3.3.1,
deploy/kubesphere-installer.yaml). ks-installer, devops-controller and ks-apiserver have no lock: the chart starts
devops-controller without --leader-elect (ks-installer v3.3.1 and v3.4.1, roles/ks-devops/files/ks-devops/charts,
templates/deployment-controller.yaml).
devops-controller gives a DevOps project's namespace its owner again, puts its finalizers back, and deletes the
Application of Argo CD with its own (ks-devops v3.3.1 and v3.4.1, controllers/jenkins/devopsproject,
controllers/argocd/application_controller.go), so it is stopped before marks are removed. It serves no webhook.
kubefed locks kubefed-controller-manager in its own namespace for 15 s, in a ConfigMap unless its KubeFedConfig says
endpoints (kubefed v0.8.1, cmd/controller-manager/app/leaderelection and pkg/apis/core/v1beta1/defaults/defaults.go).
ks-controller-manager locks ks-controller-manager-leader-election in kubesphere-system for 30 s, in a ConfigMap and a
Lease at once (kubesphere v3.3.1, cmd/controller-manager/app/server.go and options/options.go; its controller-runtime
0.9 defaults to configmapsleases).

A process needs no Deployment: `kubectl delete deployment --cascade=orphan` leaves the ReplicaSet and its Pods, and
these work on. They tell what the Deployment would: by the names <deployment>-<hash> and <deployment>-<hash>-<random>
(kubernetes v1.24.17, pkg/controller/deployment/sync.go, getNewReplicaSet), the label and the account of the chart
(ks-installer v3.3.1, roles/ks-core/ks-core/files/ks-core/templates/ks-controller-manager.yaml; kubefed v0.8.1,
charts/kubefed/charts/controllermanager/templates/deployments.yaml).
"""

from msgspec import Struct

from ks_reset.catalogue.images import image_name
from ks_reset.catalogue.names import (
    CONFIG_MAP_KIND,
    CRON_JOB_KEY,
    DAEMON_SET_KEY,
    DEVOPS_CONTROLLER,
    DEVOPS_NAMESPACE,
    ENDPOINTS_KIND,
    JOB_KEY,
    KS_APISERVER,
    KS_CONTROLLER_MANAGER,
    KS_INSTALLER,
    KUBEFED_CONTROLLER_MANAGER,
    KUBESPHERE_NAMESPACE,
    LEASE_KIND,
    POD_KEY,
    REPLICA_SET_KEY,
    REPLICATION_CONTROLLER_KEY,
    STATEFUL_SET_KEY,
)
from ks_reset.model import Body, Kind, Obj


class LeaderElection(Struct, frozen=True):
    """The lock object of a controller: its name in the controller's namespace, lease duration in seconds, and kinds."""

    name: str
    lease_seconds: int
    kinds: tuple[Kind, ...] = (LEASE_KIND, CONFIG_MAP_KIND)


STOP_ORDER = (KS_INSTALLER, KS_CONTROLLER_MANAGER, KUBEFED_CONTROLLER_MANAGER, DEVOPS_CONTROLLER, KS_APISERVER)
HOMES = {name: DEVOPS_NAMESPACE if name == DEVOPS_CONTROLLER else KUBESPHERE_NAMESPACE for name in STOP_ORDER}
"""The namespace in which the name alone tells the controller; kubefed's tells it everywhere."""

LEADER_ELECTIONS = {
    KUBEFED_CONTROLLER_MANAGER: LeaderElection(KUBEFED_CONTROLLER_MANAGER, 15, (CONFIG_MAP_KIND, ENDPOINTS_KIND)),
    KS_CONTROLLER_MANAGER: LeaderElection("ks-controller-manager-leader-election", 30),
}


STRAY_KEYS = (
    *(REPLICA_SET_KEY, STATEFUL_SET_KEY, REPLICATION_CONTROLLER_KEY),
    *(DAEMON_SET_KEY, JOB_KEY, CRON_JOB_KEY, POD_KEY),
)
"""What runs Pods besides Deployments, and Pods, by `Kind.key`."""
APP_LABEL, KUBEFED_LABEL, KUBEFED_ACCOUNT = "app", "kubefed-control-plane", "kubefed-controller"


def is_kubefed_controller(obj: Obj) -> bool:
    """Whether a workload or a Pod in any namespace runs kubefed's controller-manager.

    A Deployment by name, or by image and command; what runs without one also by label and ServiceAccount.
    """
    if not _runs_pods(obj):
        return False
    if KUBEFED_CONTROLLER_MANAGER in _deployment_names(obj) or any(_runs_kubefed(c) for c in _pod_containers(obj)):
        return True
    labelled = obj.labels.get(KUBEFED_LABEL) == "controller-manager"
    return obj.kind.key in STRAY_KEYS and (labelled or _pod_spec(obj).get("serviceAccountName") == KUBEFED_ACCOUNT)


def is_reacting_controller(obj: Obj) -> bool:
    """Whether a workload or a Pod in any namespace is a controller of STOP_ORDER: it reacts to ks-reset's changes."""
    return bool(controller_name(obj))


def stop_rank(obj: Obj) -> int:
    """The index of a Deployment's controller in STOP_ORDER. Raises ValueError for any other Deployment."""
    return STOP_ORDER.index(controller_name(obj))


def leader_election_of(controller: str) -> LeaderElection | None:
    """The leader-election lock of a controller of STOP_ORDER; None for a controller without one."""
    return LEADER_ELECTIONS.get(controller)


def controller_name(obj: Obj) -> str:
    """The controller of STOP_ORDER in a workload or a Pod: by name in its home, elsewhere by image; "" for none."""
    if is_kubefed_controller(obj):
        return KUBEFED_CONTROLLER_MANAGER
    if not _runs_pods(obj):
        return ""
    at_home = [name for name in _deployment_names(obj) if HOMES.get(name) == obj.namespace]
    return at_home[0] if at_home else delivered_program(obj)


def delivered_program(obj: Obj) -> str:
    """The controller of STOP_ORDER in the containers of a workload or a Pod, by their images; "" for none."""
    if any(_runs_kubefed(container) for container in _pod_containers(obj)):
        return KUBEFED_CONTROLLER_MANAGER
    images = (image_name(str(container.get("image", ""))) for container in _pod_containers(obj))
    return next((image for image in images if image in STOP_ORDER), "")


def program_name(obj: Obj) -> str:
    """The program in a workload: the controller of STOP_ORDER, or another one by the Deployment's name; "" for none.

    A Deployment with a controller's name that is not this controller is a user's.
    """
    return controller_name(obj) or ("" if obj.kind.kind != "Deployment" or obj.name in STOP_ORDER else obj.name)


def _runs_pods(obj: Obj) -> bool:
    return obj.kind.kind == "Deployment" or obj.kind.key in STRAY_KEYS


def _deployment_names(obj: Obj) -> tuple[str, ...]:
    """The possible names of the Deployment of a ReplicaSet or a Pod, and the application of its label; its own name.

    A StatefulSet's Pod is named <name>-<ordinal>.
    """
    if obj.kind.key not in STRAY_KEYS:
        return (obj.name,)
    stem = obj.name.rpartition("-")[0]
    return obj.name, stem, stem.rpartition("-")[0], obj.labels.get(APP_LABEL, "")


def _pod_spec(obj: Obj) -> Body:
    """The PodSpec of a Pod, or of the Pods of a workload."""
    spec = (obj.spec.get("jobTemplate") or {}).get("spec") or obj.spec
    return spec if obj.kind.key == POD_KEY else (spec.get("template") or {}).get("spec") or {}


def _pod_containers(obj: Obj) -> list[Body]:
    return _pod_spec(obj).get("containers") or []


def _runs_kubefed(container: Body) -> bool:
    """Whether a container starts the program of kubefed's chart (v0.8.1, charts/kubefed/charts/controllermanager)."""
    command_line = " ".join(map(str, (*(container.get("command") or ()), *(container.get("args") or ()))))
    if "hyperfed/controller-manager" in command_line:
        return True
    return image_name(str(container.get("image", ""))) == "kubefed" and "controller-manager" in command_line
