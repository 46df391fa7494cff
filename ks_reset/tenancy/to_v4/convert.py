"""Helpers shared by the conversions of objects of 3.x."""

from collections.abc import Callable, Iterable

from msgspec import Struct, structs

from ks_reset.catalogue.names import IAM_GROUP, RBAC_GROUP
from ks_reset.facts.workspaces import V4_VERSION
from ks_reset.model import BeforeImage, Body, FleetFacts, Memory, Skipped


class Conversion(Struct, frozen=True):
    """The whole memory, and the facts of the fleet it is restored to."""

    memory: Memory
    facts: FleetFacts


Convert = Callable[[Conversion, BeforeImage], Iterable[BeforeImage | Skipped]]


def skipped_object(of: Conversion, past: BeforeImage, why: str) -> Skipped:
    """An entry for an object not converted, or only in part, with the reason."""
    cluster = of.facts.cluster(past.cluster)
    return Skipped(cluster.name if cluster else past.cluster, past.obj.title, why)


def converted_object(past: BeforeImage, body: Body) -> BeforeImage:
    """The object with this body in 4.1's version; an RBAC object gets KubeSphere's own API group."""
    kind = structs.replace(
        past.kind, group=IAM_GROUP if past.kind.group == RBAC_GROUP else past.kind.group, version=V4_VERSION
    )
    content = {k: v for k, v in body.items() if k not in ("apiVersion", "kind")}
    return structs.replace(past, kind=kind, body=content)


def kept_metadata(past: BeforeImage, labels: dict[str, str], annotations: dict[str, str]) -> Body:
    """Metadata with the object's name and namespace, and only these labels and annotations."""
    marks = {"labels": labels, "annotations": annotations}
    name = {key: past.obj.meta[key] for key in ("name", "namespace") if key in past.obj.meta}
    return name | {field: entries for field, entries in marks.items() if entries}
