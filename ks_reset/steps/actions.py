"""The actions that give something back: make an object that is not there, mark one, see that something stays."""

from ks_reset.model import Action, BeforeImage, ClusterFacts, Kind, Obj, Verb


def create(step: str, past: BeforeImage, why: str) -> Action:
    """Make an object as it was; of one that was listed as metadata alone, the type is that of the list."""
    body = {**past.body, "apiVersion": past.kind.api_version, "kind": past.kind.kind}
    where = (past.obj.name, past.obj.namespace)
    return Action(step, past.cluster, Verb.CREATE, past.kind, *where, why=why, body=body, sealed=past.sealed)


def steady(
    step: str,
    world: ClusterFacts,
    kind: Kind,
    name: str,
    why: str,
    *,
    namespace: str = "",
    seconds: int = 0,
    batch: int = 0,
) -> Action:
    """See that an object is there, and that it is the same one for so many `seconds`."""
    return Action(step, world.identity, Verb.STEADY, kind, name, namespace, why=why, seconds=seconds, batch=batch)


def served(world: ClusterFacts, past: BeforeImage) -> bool:
    """Whether a cluster serves the type of an object, in the version in which it was read."""
    kind = world.kinds.get(past.kind.key)
    return kind is not None and kind.version == past.kind.version


def absent(world: ClusterFacts, past: BeforeImage) -> bool:
    obj: Obj = past.obj
    return world.get(past.kind.key, obj.name, obj.namespace) is None
