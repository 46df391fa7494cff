"""What the inventories say about an object: its name is in them with this content, with another, or not at all.

A name alone proves nothing: a look-alike with KubeSphere's name and other content is a user's. An object without
content, such as a ServiceAccount, has only its name and labels; the labels must be as delivered.
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from ks_reset.catalogue.inventory.content import EMPTY_KINDS, bare_digest, content_digest
from ks_reset.catalogue.inventory.entries import InventoryEntry
from ks_reset.catalogue.inventory.index import Listed, index_of
from ks_reset.catalogue.names import HELM_RELEASE_NAME_ANNOTATION, HELM_RELEASE_NAMESPACE_ANNOTATION
from ks_reset.model import Obj


class Agreement(StrEnum):
    """How far an object agrees with its entry; `SAME` and `LABELLED` alone are proofs.

    `IMAGES`: an operator may run a copy of the image under another name; only the caller knows what else speaks for it.
    """

    SAME = "same name and content"
    IMAGES = "same name and content, other images"
    LABELLED = "same name and labels; its type has no content"
    VARIES = "same name; its content comes from the installation's own values"
    NAMED = "same name; neither content nor labels to prove it"
    DIFFERS = "same name, other content"


PROVING = frozenset({Agreement.SAME, Agreement.LABELLED})


class Proof(Struct, frozen=True):
    """The best agreement over the versions asked, and the entry's `release`. `released`: helm's annotations name it.

    helm's annotations are no proof by themselves: the installer writes them onto any object of a listed name
    (ks-installer v3.3.1, roles/ks-core/ks-core/tasks/main.yaml).
    """

    agreement: Agreement
    versions: tuple[str, ...]
    component: str
    source: str
    released: bool = False
    release: str = ""

    @property
    def proves(self) -> bool:
        """Whether the object is KubeSphere's by this alone."""
        return self.agreement in PROVING

    @property
    def phrase(self) -> str:
        """For a person: `same name and content as in KubeSphere 3.3.1 (roles/...)`."""
        return f"{self.agreement} as in KubeSphere {', '.join(self.versions)} ({self.source})"


def proof_of_inventory(obj: Obj, versions: Iterable[str] = ()) -> Proof | None:
    """What the inventories of these versions say; of all of them, without versions. None: its name is in none.

    A CRD or namespace shared with others agrees too: the catalogue's own entries judge whether it may be removed.
    """
    listed = list(index_of(versions).find(obj.kind.key, obj.namespace, obj.name))
    if not listed:
        return None
    found = _agreements(obj, listed)
    best = min(found, key=list(Agreement).index)
    agreeing = found[best]
    first = agreeing[0].entry
    return Proof(
        best,
        tuple(dict.fromkeys(one.version for one in agreeing)),
        first.component,
        first.source,
        any(_is_released(obj, one.entry) for one in agreeing),
        first.release,
    )


def _agreements(obj: Obj, listed: list[Listed]) -> dict[Agreement, list[Listed]]:
    digests = obj.content if any(obj.content) else _content_digests(obj)
    found: dict[Agreement, list[Listed]] = {}
    for one in listed:
        found.setdefault(_agreement(obj, digests, one.entry), []).append(one)
    return found


def delivered_content(obj: Obj) -> tuple[str, str]:
    """The digests of an object's content, with and without images, each only if the inventories have it."""
    listed = list(index_of().find(obj.kind.key, obj.namespace, obj.name))
    if not listed or obj.kind.kind in EMPTY_KINDS:
        return "", ""
    whole, bare = _content_digests(obj)
    is_whole, is_bare = (
        any(whole in one.entry.digests for one in listed),
        any(bare in one.entry.bare for one in listed),
    )
    return whole if is_whole else "", bare if is_bare else ""


def _content_digests(obj: Obj) -> tuple[str, str]:
    return content_digest(obj.kind.kind, obj.body), bare_digest(obj.kind.kind, obj.body)


def _agreement(obj: Obj, digests: tuple[str, str], entry: InventoryEntry) -> Agreement:
    if obj.kind.kind in EMPTY_KINDS:
        has_labels = bool(entry.labels) and entry.labels.items() <= obj.labels.items()
        return Agreement.LABELLED if has_labels else Agreement.NAMED
    if digests[0] in entry.digests:
        return Agreement.SAME
    if digests[1] in entry.bare:
        return Agreement.IMAGES
    if entry.varies:
        return Agreement.VARIES
    return Agreement.DIFFERS if entry.digests else Agreement.NAMED


def _is_released(obj: Obj, entry: InventoryEntry) -> bool:
    name, namespace = HELM_RELEASE_NAME_ANNOTATION, HELM_RELEASE_NAMESPACE_ANNOTATION
    return bool(entry.release) and entry.release == f"{obj.annotations.get(namespace)}/{obj.annotations.get(name)}"
