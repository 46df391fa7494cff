"""What every conversion of an object of 3.x has to do with."""

from collections.abc import Callable, Iterable

from msgspec import Struct, structs

from ks_reset.catalogue.names import IAM_GROUP, RBAC_GROUP
from ks_reset.facts.workspaces import FOUR
from ks_reset.model import BeforeImage, Body, FleetFacts, Memory, Skipped


class Conversion(Struct, frozen=True):
    """The whole memory, and the fleet that it is given back to."""

    memory: Memory
    facts: FleetFacts


Convert = Callable[[Conversion, BeforeImage], Iterable[BeforeImage | Skipped]]


def skipped_object(of: Conversion, past: BeforeImage, why: str) -> Skipped:
    """What is said of an object that is not carried over, or not all of it."""
    cluster = of.facts.world(past.cluster)
    return Skipped(cluster.name if cluster else past.cluster, past.obj.title, why)


def converted_object(past: BeforeImage, body: Body) -> BeforeImage:
    """The object in 4.1's version, with this body; what is of RBAC is of KubeSphere's own group there."""
    kind = structs.replace(
        past.kind, group=IAM_GROUP if past.kind.group == RBAC_GROUP else past.kind.group, version=FOUR
    )
    said = {k: v for k, v in body.items() if k not in ("apiVersion", "kind")}
    return structs.replace(past, kind=kind, body=said)


def kept_metadata(past: BeforeImage, labels: dict[str, str], annotations: dict[str, str]) -> Body:
    """Its name, with these labels and annotations and nothing else."""
    said = {"labels": labels, "annotations": annotations}
    name = {key: past.obj.meta[key] for key in ("name", "namespace") if key in past.obj.meta}
    return name | {field: marks for field, marks in said.items() if marks}
