"""The facts a guard decides on, besides the action and its object."""

from msgspec import Struct

from ks_reset.model import ClusterFacts, Request


class GuardContext(Struct, frozen=True):
    """The action's cluster as read right before the write.

    `identity` is the UID of kube-system as it answers now. `doomed` are the UIDs the approved plan deletes,
    `restarted` the titles of controllers the plan stopped, on any cluster, with replicas again. `seatbelt_on` says
    whether the seatbelt is on, None if the playbook has none. `holder` is the holder of ks-reset's lock, `mine` the
    identity of this run. `request` are the choices of the plan, `joins` the accounts it removes, as
    <kube-system UID>/<account>. `again` is the playbook of the plan with the flags of its choices, quoted for a shell.
    """

    world: ClusterFacts
    identity: str
    doomed: frozenset[str]
    restarted: tuple[str, ...] = ()
    seatbelt_on: bool | None = None
    holder: str = ""
    mine: str = ""
    request: Request = Request()
    joins: tuple[str, ...] = ()
    again: str = "uninstall"

    def new_plan(self, flags: str = "") -> str:
        """The command that makes the plan anew, with these flags besides its own."""
        return " ".join(filter(None, ("ks-reset plan", self.again, flags, "--out plan.json")))
