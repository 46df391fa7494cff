"""Marks: entries of KubeSphere and kubefed in the metadata of an object, removed and added by ks-reset."""

from msgspec import Struct

from ks_reset.model.objects import Body


class Marks(Struct, frozen=True):
    """Entries of an object's metadata: labels and annotations with their values, finalizers, whole ownerReferences.

    For a removal the keys of labels and annotations count, and group, kind and name of an ownerReference.
    """

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    finalizers: tuple[str, ...] = ()
    owners: tuple[Body, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.labels or self.annotations or self.finalizers or self.owners)
