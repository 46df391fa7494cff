"""An object as found in the vendor's manifests, before it becomes a line of an inventory."""

from collections.abc import Iterable, Iterator

import yaml
from msgspec import Struct

from ks_reset.model import Body


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, with the value `=` as a text: the CRDs of prometheus-operator have it."""


Loader.add_constructor("tag:yaml.org,2002:value", Loader.construct_yaml_str)


class Found(Struct, frozen=True):
    """One rendering of one object. `namespace` is for an object of a namespaced type without its own.

    `settings` names the values it was rendered with; "other" values tell what depends on them.
    """

    body: Body
    source: str
    component: str
    settings: str = "default"
    release: str = ""
    namespace: str = ""


def read_documents(text: str) -> Iterator[Body]:
    """The Kubernetes objects in a YAML text; a document that is no YAML or no object is left out."""
    for part in ("\n" + text).replace("\n---", "\n\0").split("\0"):
        try:
            document = yaml.load(part.partition("\n")[2], Loader)  # noqa: S506  the loader is a safe one
        except (yaml.YAMLError, ValueError):
            continue
        yield from _objects_in(document)


def _objects_in(document: object) -> Iterable[Body]:
    if not isinstance(document, dict) or not document.get("kind") or not document.get("apiVersion"):
        return
    if document["kind"] == "List":
        for item in document.get("items") or []:
            yield from _objects_in(item)
    elif isinstance(document.get("metadata"), dict) and document["metadata"].get("name"):
        yield document
