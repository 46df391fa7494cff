"""Where an action is about to happen."""

from msgspec import Struct

from ks_reset.model import World


class Site(Struct, frozen=True):
    """The freshest facts of the action's cluster, and the UIDs that the approved plan deletes."""

    world: World
    doomed: frozenset[str]
