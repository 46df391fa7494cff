"""The facts a guard decides on, besides the action and its object."""

from msgspec import Struct

from ks_reset.model import ClusterFacts


class GuardContext(Struct, frozen=True):
    """The action's cluster as read right before the write.

    `identity` is the UID of kube-system as it answers now. `doomed` are the UIDs the approved plan deletes,
    `restarted` the titles of controllers the plan stopped, on any cluster, with replicas again. `seatbelt_on` says
    whether the seatbelt is on, None if the playbook has none. `holder` is the holder of ks-reset's lock, `mine` the
    identity of this run. `data` names system namespaces with claims that may be deleted, `discard` objects
    of unknown origin there that may go.
    """

    world: ClusterFacts
    identity: str
    doomed: frozenset[str]
    restarted: tuple[str, ...] = ()
    seatbelt_on: bool | None = None
    holder: str = ""
    mine: str = ""
    data: tuple[str, ...] = ()
    discard: tuple[str, ...] = ()
