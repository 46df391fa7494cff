"""The snapshots in the storage that go with a VolumeSnapshot.

kubernetes-csi/external-snapshotter v6.0.1, pkg/common-controller/snapshot_controller.go: with the deletionPolicy
Delete the VolumeSnapshotContent is deleted with its VolumeSnapshot, and the snapshot in the storage with it; Retain
keeps both.
"""

from collections.abc import Iterable

from ks_reset.model import ClusterFacts, Obj

SNAPSHOT_GROUP = "snapshot.storage.k8s.io"
SNAPSHOT_KEY, CONTENT_KEY = f"VolumeSnapshot.{SNAPSHOT_GROUP}", f"VolumeSnapshotContent.{SNAPSHOT_GROUP}"


def contents_going_with(cluster: ClusterFacts, objects: Iterable[Obj]) -> list[Obj]:
    """The VolumeSnapshotContents that are deleted with the VolumeSnapshots among these objects."""
    going = {(obj.namespace, obj.name) for obj in objects if obj.kind.key == SNAPSHOT_KEY}
    return [content for content in cluster.of(CONTENT_KEY) if _snapshot_of(content) in going and _is_deleted(content)]


def _snapshot_of(content: Obj) -> tuple[str, str]:
    reference = content.spec.get("volumeSnapshotRef") or {}
    return str(reference.get("namespace", "")), str(reference.get("name", ""))


def _is_deleted(content: Obj) -> bool:
    return content.spec.get("deletionPolicy") == "Delete"
