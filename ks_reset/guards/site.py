"""Where an action is about to happen."""

from msgspec import Struct

from ks_reset.model import World


class Site(Struct, frozen=True):
    """What was read of the action's cluster right before the write.

    `identity` is the UID of kube-system as it answers now. `doomed` and `stopped` are the UIDs that the approved plan
    deletes, and those of the controllers that it stops. `belted` is None where the playbook has no seatbelt, else
    whether it is on. `holder` is who holds ks-reset's lock, `mine` who should.
    """

    world: World
    identity: str
    doomed: frozenset[str]
    stopped: frozenset[str]
    belted: bool | None = None
    holder: str = ""
    mine: str = ""
