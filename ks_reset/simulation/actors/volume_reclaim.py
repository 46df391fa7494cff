"""The volume controllers after the end of a claim: with the policy Delete the volume goes, with its storage.

Kubernetes v1.24.17, pkg/controller/volume/persistentvolume/pv_controller.go: syncVolume (the claim of claimRef.uid is
gone), reclaimVolume, deleteVolumeOperation. Storage drivers do the same: sig-storage-lib-external-provisioner v8,
controller/controller.go, shouldDelete, deleteVolumeOperation; the finalizers of both go with the storage
(Kubernetes v1.34.4, pkg/volume/util/storageclass.go; external-provisioner: HonorPVReclaimPolicy). Recycle wipes the
contents and keeps the object; it is taken as the end of the volume. Without a policy a volume has Retain
(pkg/apis/core/v1/defaults.go, SetDefaults_PersistentVolume): it stays, Released.

They delete the storage first and the object afterwards (deleteVolumeOperation in both). A webhook or seatbelt that
refuses the second does not keep the data, so the volume counts as deleted.

A volume whose claim was gone before is left out: its deletion, if it ever comes, follows from nothing here.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import PERSISTENT_VOLUME_CLAIM_KEY, PERSISTENT_VOLUME_KEY
from ks_reset.facts.volumes import claim_of_volume, claim_uid, is_reclaimed, size_and_policy
from ks_reset.simulation.api_server import after_deletion, after_release
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.state import State

ACTOR = "volume controller"
SOURCE = "kubernetes v1.24.17, pkg/controller/volume/persistentvolume/pv_controller.go"
STORAGE_FINALIZERS = ("external-provisioner.volume.kubernetes.io/finalizer", "kubernetes.io/pv-controller")


def transitions(state: State) -> Iterable[Transition]:
    """The transitions these controllers may make next."""
    for volume in state.of_kind(PERSISTENT_VOLUME_KEY):
        if is_reclaimed(volume.obj) and (claim := _lost_claim(state, volume)):
            yield from _reclaim(volume, claim)


def _lost_claim(state: State, volume: SimObject) -> Id | None:
    """The claim of a volume, if the facts have it and the state does not any more."""
    cluster, uid = volume.id.cluster, claim_uid(volume.obj)
    if not uid or (cluster, uid) in state.by_uid:
        return None
    claim = claim_of_volume(state.cluster_facts(cluster), volume.obj)
    return Id(cluster, PERSISTENT_VOLUME_CLAIM_KEY, claim.namespace, claim.name) if claim else None


def _reclaim(volume: SimObject, claim: Id) -> Iterable[Transition]:
    field, why = "spec.persistentVolumeReclaimPolicy", f"its claim {claim.namespace}/{claim.name} is gone"
    why = f"{why}; {size_and_policy(volume.obj)}"
    held = [finalizer for finalizer in STORAGE_FINALIZERS if finalizer in volume.finalizers]
    if not volume.deleting:
        after = after_deletion(volume.without_finalizer(*held))
        yield Transition(ACTOR, Effect.DELETES, volume.id, after, claim, field, why, SOURCE)
    elif held:
        after = after_release(volume.without_finalizer(*held))
        yield Transition(ACTOR, Effect.LETS_GO, volume.id, after, None, "metadata.finalizers", why, SOURCE)
