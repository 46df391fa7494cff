"""Where an action is about to happen."""

from msgspec import Struct

from ks_reset.model import World


class Site(Struct, frozen=True):
    """The freshest facts of the action's cluster, and of the approved plan: the UIDs that it deletes, and those of
    the controllers that it stops.
    """

    world: World
    doomed: frozenset[str]
    stopped: frozenset[str]
