"""The protection controllers of volumes: let a claim go that no Pod uses, and a volume that no claim is bound to.

Kubernetes v1.24.17, pkg/controller/volume/pvcprotection/pvc_protection_controller.go and
pkg/controller/volume/pvprotection/pv_protection_controller.go.
"""

from collections.abc import Iterable

from ks_reset.simulation.api_server import released
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.state import State

ACTOR = "volume protection"
SOURCE = "kubernetes v1.24.17, pkg/controller/volume/pvcprotection/pvc_protection_controller.go"
CLAIM, VOLUME = "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"


def moves(state: State) -> Iterable[Transition]:
    """What it may do next."""
    for key, finalizer in (("PersistentVolumeClaim", CLAIM), ("PersistentVolume", VOLUME)):
        for each in state.by_key.get(key, ()):
            if each.deleting and finalizer in each.finalizers and not _used(state, each):
                after = released(each.without_finalizer(finalizer))
                yield Transition(
                    ACTOR, Effect.LETS_GO, each.id, after, None, "metadata.finalizers", "nothing uses it", SOURCE
                )


def _used(state: State, each: SimObject) -> bool:
    if each.id.key == "PersistentVolume":
        claim = (each.obj.spec.get("claimRef") or {}).get("uid")
        return bool(claim and (each.id.cluster, claim) in state.uids)
    pods = (p for p in state.contents.get((each.id.cluster, each.id.namespace), ()) if p.id.key == "Pod")
    return any(each.id.name in _claims(pod) and _runs(pod) for pod in pods)


def _claims(pod: SimObject) -> set[str]:
    volumes = pod.obj.spec.get("volumes") or []
    return {str((v.get("persistentVolumeClaim") or {}).get("claimName", "")) for v in volumes}


def _runs(pod: SimObject) -> bool:
    """A Pod that was never scheduled, or has ended, does not hold a claim."""
    ended = (pod.obj.body.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    return bool(pod.obj.spec.get("nodeName")) and not ended
