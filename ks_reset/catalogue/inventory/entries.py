"""One object of an inventory, and the inventory of one version."""

from msgspec import Struct


class InventoryEntry(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An object in the vendor's manifests of one version, or made by KubeSphere's own code.

    `kind` is `Kind.group`. `digests` are of its content, one for each way to configure it; none if it has no content.
    `bare` are the same without images. `varies`: more digests exist, since content comes from the installation's own
    values. `labels` are of an object without content. `release` is `namespace/name` of a helm release. `source` is a
    path in the repository of the inventory's head.
    `*` in a name or namespace stands for a part filled in at run time.
    """

    kind: str
    namespace: str = ""
    name: str
    component: str
    release: str = ""
    digests: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    varies: bool = False
    labels: dict[str, str] = {}
    source: str

    @property
    def title(self) -> str:
        """`Kind.group namespace/name`, for a person."""
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"


class InventoryHead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of an inventory: which version, from which tag of which repositories, and what is not in it."""

    version: str
    sources: tuple[str, ...]
    missing: tuple[str, ...] = ()


class Inventory(Struct, frozen=True):
    """The inventory of one version."""

    head: InventoryHead
    entries: tuple[InventoryEntry, ...]

    @property
    def version(self) -> str:
        return self.head.version
