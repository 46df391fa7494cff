"""What a flag gives up: claims with their data, and objects or types by name."""

import shlex

from ks_reset.catalogue.names import PERSISTENT_VOLUME_CLAIM_KEY
from ks_reset.facts.kept import discarded_types
from ks_reset.facts.volumes import claim_of_volume
from ks_reset.model import ClusterFacts, Obj, Request


def is_given_up(obj: Obj, request: Request) -> bool:
    """Whether a flag names the object: a claim by --delete-data, another, or its type, by --discard."""
    if obj.kind.key == PERSISTENT_VOLUME_CLAIM_KEY:
        return obj.namespace in request.data
    named = {obj.namespace, discard_key(obj)} & {*filter(None, request.discard)}
    return bool(named) or obj.kind.resource in discarded_types(request)


def is_data_given_up(cluster: ClusterFacts, obj: Obj, request: Request) -> bool:
    """Whether --delete-data names the claim, or the claim of the volume."""
    claim = obj if obj.kind.key == PERSISTENT_VOLUME_CLAIM_KEY else claim_of_volume(cluster, obj)
    return claim is not None and is_given_up(claim, request)


def discard_key(obj: Obj) -> str:
    """The value of --discard for one object: `Kind.group/namespace/name`; `Kind.group/name` without a namespace."""
    return "/".join(filter(None, (obj.kind.key, obj.namespace, obj.name)))


def flags_that_give_up(objects: list[Obj]) -> str:
    """The flags that name these objects, quoted for a shell; the claims of a namespace have one for all of them."""
    claims = {obj.namespace: None for obj in objects if obj.kind.key == PERSISTENT_VOLUME_CLAIM_KEY}
    others = [discard_key(obj) for obj in objects if obj.kind.key != PERSISTENT_VOLUME_CLAIM_KEY]
    flags = [("--delete-data", namespace) for namespace in claims] + [("--discard", key) for key in others]
    return " ".join(f"{name} {shlex.quote(value)}" for name, value in flags)
