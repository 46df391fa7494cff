"""The controllers that react, in the order in which they are stopped, and their leader-election locks.

ks-installer first: its shell-operator would bring the others back (ks-installer v3.3.1,
deploy/kubesphere-installer.yaml).
Locks: kubefed v0.8.1, cmd/controller-manager/app/leaderelection, takes the lock kubefed-controller-manager in its own
namespace, 15 s; kubesphere v3.3.1, cmd/controller-manager/app, takes ks-controller-manager-leader-election, 30 s.
"""

from msgspec import Struct

from ks_reset.model import Kind, Obj

CONFIG_MAP = Kind("", "v1", "ConfigMap", "configmaps", True)
LEASE = Kind("coordination.k8s.io", "v1", "Lease", "leases", True)
KUBEFED = "kubefed-controller-manager"


class Lock(Struct, frozen=True):
    """The object that a leader renews: its name, in the controller's namespace, and the lease in seconds."""

    name: str
    lease_seconds: int
    kinds: tuple[Kind, ...] = (LEASE, CONFIG_MAP)


ORDER = ("ks-installer", "ks-controller-manager", KUBEFED, "ks-apiserver")
HOME = "kubesphere-system"
LOCKS = {KUBEFED: Lock(KUBEFED, 15), "ks-controller-manager": Lock("ks-controller-manager-leader-election", 30)}


def is_kubefed_controller(obj: Obj) -> bool:
    """A Deployment that runs kubefed's controller-manager, in whatever namespace: by name, or by image and command."""
    if obj.kind.kind != "Deployment":
        return False
    containers = ((obj.spec.get("template") or {}).get("spec") or {}).get("containers") or []
    return obj.name == KUBEFED or any(_runs_kubefed(c) for c in containers)


def _runs_kubefed(container: dict[str, object]) -> bool:
    image = str(container.get("image", "")).rpartition("/")[2].partition(":")[0].partition("@")[0]
    command = container.get("command") or []
    said = " ".join(map(str, command)) if isinstance(command, list) else ""
    return image == "kubefed" and "webhook" not in said


def reacts(obj: Obj) -> bool:
    """Whether a Deployment is a controller that restores or deletes what ks-reset takes away."""
    if obj.kind.kind != "Deployment":
        return False
    return (obj.namespace == HOME and obj.name in ORDER) or is_kubefed_controller(obj)


def rank(obj: Obj) -> int:
    """Its place in the order of stopping."""
    return ORDER.index(obj.name) if obj.name in ORDER else ORDER.index(KUBEFED)


def lock_of(deployment: str) -> Lock | None:
    """The leader-election lock of a controller, by the name of its Deployment."""
    return LOCKS.get(deployment)
