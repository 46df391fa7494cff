"""The volume protection controllers: release a claim no Pod uses, and a volume no claim is bound to.

Kubernetes v1.24.17, pkg/controller/volume/pvcprotection/pvc_protection_controller.go and
pkg/controller/volume/pvprotection/pv_protection_controller.go.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import (
    PERSISTENT_VOLUME_CLAIM_KEY,
    PERSISTENT_VOLUME_KEY,
    POD_KEY,
    PV_PROTECTION_FINALIZER,
    PVC_PROTECTION_FINALIZER,
)
from ks_reset.simulation.api_server import after_release
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.state import State

ACTOR = "volume protection"
SOURCE = "kubernetes v1.24.17, pkg/controller/volume/pvcprotection/pvc_protection_controller.go"


def transitions(state: State) -> Iterable[Transition]:
    """The transitions these controllers may make next."""
    for key, finalizer in (
        (PERSISTENT_VOLUME_CLAIM_KEY, PVC_PROTECTION_FINALIZER),
        (PERSISTENT_VOLUME_KEY, PV_PROTECTION_FINALIZER),
    ):
        for subject in state.of_kind(key):
            if subject.deleting and finalizer in subject.finalizers and not _is_used(state, subject):
                after = after_release(subject.without_finalizer(finalizer))
                yield Transition(
                    ACTOR, Effect.LETS_GO, subject.id, after, None, "metadata.finalizers", "nothing uses it", SOURCE
                )


def _is_used(state: State, subject: SimObject) -> bool:
    """Whether a volume's claim exists, or a scheduled Pod mounts a claim."""
    if subject.id.key == PERSISTENT_VOLUME_KEY:
        uid = (subject.obj.spec.get("claimRef") or {}).get("uid")
        return bool(uid and (subject.id.cluster, uid) in state.by_uid)
    contents = state.by_namespace.get((subject.id.cluster, subject.id.namespace), ())
    pods = (pod for pod in contents if pod.id.key == POD_KEY)
    return any(subject.id.name in _claim_names(pod) and _is_running(pod) for pod in pods)


def _claim_names(pod: SimObject) -> set[str]:
    volumes = pod.obj.spec.get("volumes") or []
    return {str((v.get("persistentVolumeClaim") or {}).get("claimName", "")) for v in volumes}


def _is_running(pod: SimObject) -> bool:
    """False for a Pod never scheduled, or ended: it does not hold a claim."""
    ended = (pod.obj.body.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    return bool(pod.obj.spec.get("nodeName")) and not ended
