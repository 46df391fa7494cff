"""PersistentVolumes: the claim of each, and what becomes of it without that claim."""

from collections.abc import Iterable

from ks_reset.catalogue.names import PERSISTENT_VOLUME_CLAIM_KEY, PERSISTENT_VOLUME_KEY
from ks_reset.model import ClusterFacts, Obj

RETAIN, RECLAIMING = "Retain", ("Delete", "Recycle")
DEFAULT_POLICY = RETAIN
"""Kubernetes v1.24.17, pkg/apis/core/v1/defaults.go, SetDefaults_PersistentVolume."""


def claim_uid(volume: Obj) -> str:
    """The UID of the claim of a volume; "" for an unbound one."""
    return str((volume.spec.get("claimRef") or {}).get("uid", ""))


def claim_of_volume(cluster: ClusterFacts, volume: Obj) -> Obj | None:
    """The claim that a volume is bound to; None if it is unbound, or the claim is gone."""
    uid = claim_uid(volume)
    return next((claim for claim in cluster.of(PERSISTENT_VOLUME_CLAIM_KEY) if uid and claim.uid == uid), None)


def reclaim_policy(volume: Obj) -> str:
    return str(volume.spec.get("persistentVolumeReclaimPolicy") or DEFAULT_POLICY)


def is_reclaimed(volume: Obj) -> bool:
    """Whether the data of a volume goes with its claim."""
    return reclaim_policy(volume) in RECLAIMING


def size_of(volume: Obj) -> str:
    return str((volume.spec.get("capacity") or {}).get("storage", "size not recorded"))


def size_and_policy(volume: Obj) -> str:
    """`20Gi, reclaim policy Delete`, as a phrase."""
    return f"{size_of(volume)}, reclaim policy {reclaim_policy(volume)}"


def volumes_of_claims(cluster: ClusterFacts, uids: Iterable[str]) -> list[Obj]:
    """The volumes bound to the claims with these UIDs."""
    wanted = set(uids)
    return [volume for volume in cluster.of(PERSISTENT_VOLUME_KEY) if claim_uid(volume) in wanted]
