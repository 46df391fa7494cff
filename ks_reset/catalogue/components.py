"""The components of KubeSphere by the names that operators use, and the component of an object by its name alone."""

from functools import cache

from ks_reset.catalogue.delivered import component_of_type
from ks_reset.catalogue.entries import ComponentEntry
from ks_reset.catalogue.inventory import index_of
from ks_reset.catalogue.loader import load_catalogue
from ks_reset.catalogue.marks import is_own_group
from ks_reset.catalogue.names import CRD_KEY
from ks_reset.model import Obj

EXTENSION = "extension "
"""The inventories name the component of an extension so, before its name."""
CORE = "core"


@cache
def component_entries() -> dict[str, ComponentEntry]:
    """The entries of components.yaml, by their names in the inventories."""
    return {entry.name: entry for entry in load_catalogue().components}


def component_named(word: str) -> str:
    """The name in the inventories for a word of an operator's; an extension's, if no component of 3.x is called so."""
    known = {also: entry.name for entry in component_entries().values() for also in (entry.name, *entry.also)}
    return known.get(word, word if word.startswith(EXTENSION) else f"{EXTENSION}{word}")


def spellings_of(component: str) -> frozenset[str]:
    """The component and the extension of the same word: which of them is here, a cluster tells."""
    return frozenset({component, f"{EXTENSION}{component_word(component)}"})


def component_word(component: str) -> str:
    """The word for a component in a message or after a flag: `devops` for the component and for the extension."""
    return component.removeprefix(EXTENSION).partition("/")[0]


def listed_component(obj: Obj, versions: tuple[str, ...] = ()) -> str:
    """The component of the object of this name in the inventories of these versions, the newest first; "" for none.

    A name for all, such as `extension-*`, names no component.
    """
    found = index_of(versions).find(obj.kind.key, obj.namespace, obj.name)
    return next((one.entry.component for one in reversed(list(found)) if one.entry.component != "extension"), "")


def component_of_crd(crd: Obj, versions: tuple[str, ...]) -> str:
    """The component that brings a type in one of these versions; the core, if the core of one of them brings it.

    Up to 3.2 the core brings the types of components (ks-installer v3.1.1, roles/common/files/ks-crds), and its
    programs watch them.
    """
    listed = {one.entry.component for one in index_of(versions).find(CRD_KEY, "", crd.name)}
    if CORE in listed:
        return CORE
    return component_of_type(crd.name) or next(iter(sorted(listed)), "")


def component_of_resource(resource: str) -> str:
    """The component whose objects are of a type, by its `plural.group`; "" for a type outside KubeSphere's groups."""
    name = component_of_type(resource)
    if not name and is_own_group(resource.partition(".")[2]):
        return CORE
    entry = component_entries().get(name)
    return CORE if entry and entry.core_types else name


@cache
def components_of_releases(versions: tuple[str, ...] = ()) -> dict[str, str]:
    """The component of each helm release of these inventories, by `namespace/name`."""
    entries = (listed.entry for many in index_of(versions).exact.values() for listed in many)
    return {entry.release: entry.component for entry in entries if entry.release}


@cache
def components_of_entries() -> dict[tuple[str, str, str], str]:
    """The component of each entry of contents.yaml and webhooks.yaml, by type, namespace and name."""
    known = load_catalogue()
    webhooks = {(f"{e.kind}.admissionregistration.k8s.io", "", e.name): e.component for e in known.webhooks}
    return webhooks | {(entry.kind, entry.namespace, entry.name): entry.component for entry in known.contents}
