"""Marks: entries of KubeSphere and kubefed in the metadata of an object, removed and added by ks-reset."""

from collections.abc import Iterable
from typing import Self

from msgspec import Struct

from ks_reset.model.objects import Body, group_of


class Marks(Struct, frozen=True):
    """Entries of an object's metadata: labels and annotations with their values, finalizers, whole ownerReferences.

    For a removal the keys of labels and annotations count, and group, kind and name of an ownerReference. An approval
    is of a value too.
    """

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    finalizers: tuple[str, ...] = ()
    owners: tuple[Body, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.labels or self.annotations or self.finalizers or self.owners)

    def __or__(self, other: Self) -> "Marks":
        """The entries of both; of two ownerReferences to one name, the first."""
        known = set(map(owner_key, self.owners))
        return Marks(
            self.labels | {key: value for key, value in other.labels.items() if key not in self.labels},
            self.annotations | {key: value for key, value in other.annotations.items() if key not in self.annotations},
            tuple(dict.fromkeys((*self.finalizers, *other.finalizers))),
            (*self.owners, *(owner for owner in other.owners if owner_key(owner) not in known)),
        )

    def __sub__(self, other: Self) -> "Marks":
        """The entries the other does not have: labels and annotations by key and value, owners by `owner_key`."""
        known = set(map(owner_key, other.owners))
        return Marks(
            {key: value for key, value in self.labels.items() if (key, value) not in other.labels.items()},
            {key: value for key, value in self.annotations.items() if (key, value) not in other.annotations.items()},
            tuple(f for f in self.finalizers if f not in other.finalizers),
            tuple(owner for owner in self.owners if owner_key(owner) not in known),
        )

    @property
    def names(self) -> list[str]:
        """Each entry in words, such as `label kubesphere.io/workspace` or `ownerReference Workspace ws1`."""
        return list(self._all_names())

    def _all_names(self) -> Iterable[str]:
        yield from (f"label {key}" for key in sorted(self.labels))
        yield from (f"annotation {key}" for key in sorted(self.annotations))
        yield from (f"finalizer {name}" for name in self.finalizers)
        yield from (f"ownerReference {owner['kind']} {owner['name']}" for owner in self.owners)


def owner_key(reference: Body) -> tuple[str, str, str]:
    """Group, kind and name of an ownerReference: its UID changes where a controller creates the owner again."""
    return group_of(reference["apiVersion"]), str(reference["kind"]), str(reference["name"])
