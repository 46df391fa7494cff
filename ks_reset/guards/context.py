"""Where an action is about to happen."""

from msgspec import Struct

from ks_reset.model import ClusterFacts


class GuardContext(Struct, frozen=True):
    """What was read of the action's cluster right before the write.

    `identity` is the UID of kube-system as it answers now. `doomed` are the UIDs that the approved plan deletes,
    `restarted` the controllers of any cluster that it stopped and that want pods again. `belted` is None where the
    playbook has no seatbelt, else whether it is on. `holder` is who holds ks-reset's lock, `mine` who should. `data`
    names the namespaces of KubeSphere's whose claims may go.
    """

    world: ClusterFacts
    identity: str
    doomed: frozenset[str]
    restarted: tuple[str, ...] = ()
    belted: bool | None = None
    holder: str = ""
    mine: str = ""
    data: tuple[str, ...] = ()
