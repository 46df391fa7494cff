"""The bystander proof: everything that was not in the plan has the same UID and the same content as before.

Left out is what changes by itself: pods and what controllers make of users' workloads, endpoints, leases, status.
The rules of an aggregated ClusterRole are written by Kubernetes from other roles, so its selectors are compared.
"""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ks_reset.model import (
    Body,
    ClusterFacts,
    Delete,
    FleetFacts,
    Obj,
    Plan,
    RemoveMarks,
    Scale,
    SeatbeltOff,
    SeatbeltOn,
)

MARK = re.compile(r"^(?:[a-z0-9.-]+\.)?(?:kubesphere|kubefed)\.io(?:/|$)")
PASSING = {
    *("Pod", "ReplicaSet.apps", "ControllerRevision.apps", "Job.batch", "Endpoints", "Lease.coordination.k8s.io"),
    *("FlowSchema.flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io"),
    *("APIService.apiregistration.k8s.io", "IPAddress.networking.k8s.io", "Node"),
}
OWN = ("kubectl.kubernetes.io/last-applied-configuration", "control-plane.alpha.kubernetes.io/leader")


MANAGED = "kubefed.io/managed"
CHANGED = "changed in "


class Change(Struct, frozen=True):
    """A bystander that is not what it was, and how."""

    cluster: str
    object: str
    what: str

    @property
    def kind(self) -> str:
        """`Kind.group`, with which the title of an object begins."""
        return self.object.partition(" ")[0]

    @property
    def lost(self) -> bool:
        """Whether the object itself is not there any more, or is going; else somebody has changed it."""
        return not self.what.startswith(CHANGED)


class Proof(Struct, frozen=True):
    """How many bystanders were compared on each cluster, and those that changed."""

    compared: dict[str, int]
    changes: tuple[Change, ...]


def bystanders(before: FleetFacts, after: FleetFacts, plans: Sequence[Plan]) -> Proof:
    """Compare what is there with what was there; what is in no plan that was applied in between is a bystander."""
    compared: dict[str, int] = {}
    changes: list[Change] = []
    belts = _belts(plans)
    for world in before.clusters:
        now = after.world(world.identity)
        if now is None:
            changes.append(Change(world.name, "the whole cluster", "was not read again"))
            continue
        gone = _touched(plans, world.identity) | _others(world, plans)
        watched = [
            o for o in world.all() if o.kind.key not in PASSING and o.name not in belts and not _planned(o, world, gone)
        ]
        compared[world.name] = len(watched)
        changes += (Change(world.name, o.title, what) for o in watched if (what := _change(o, now)))
    return Proof(compared, tuple(changes))


def _touched(plans: Sequence[Plan], identity: str) -> set[str]:
    """The UIDs that the plans delete or stop on a cluster."""
    actions = [a for plan in plans for a in plan.actions if a.cluster == identity]
    return {a.uid for a in actions if isinstance(a, Delete | Scale)}


def _others(world: ClusterFacts, plans: Sequence[Plan]) -> set[str]:
    """The UIDs of what goes on changing on a member that another host shares.

    KubeSphere's own objects, and what that host's kubefed works on: all that has its label but what the plans unmark.
    """
    if not any(world.name in plan.request.shared for plan in plans):
        return set()
    actions = [a for plan in plans for a in plan.actions if a.cluster == world.identity]
    ours = {a.uid for a in actions if isinstance(a, RemoveMarks) and MANAGED in a.marks.labels}
    own = {o.uid for o in world.all() if MARK.match(o.kind.group)}
    return own | {o.uid for o in world.all() if MANAGED in o.labels and o.uid not in ours}


def _belts(plans: Sequence[Plan]) -> set[str]:
    """The names of the seatbelts that the plans put on and take off."""
    return {a.name for plan in plans for a in plan.actions if isinstance(a, SeatbeltOn | SeatbeltOff)}


def _planned(obj: Obj, world: ClusterFacts, gone: set[str]) -> bool:
    """Deleted or stopped by the plan, or inside a namespace that it deletes."""
    home = world.get("Namespace", obj.namespace)
    return obj.uid in gone or (home is not None and home.uid in gone)


def _change(was: Obj, now: ClusterFacts) -> str:
    found = now.get(was.kind.key, was.name, was.namespace)
    if found is None:
        return "is gone"
    if found.uid != was.uid:
        return f"was made anew: UID {was.uid} became {found.uid}"
    if found.deleting and not was.deleting:
        return "is being deleted"
    fields = sorted(key for key in _essence(was).keys() | _essence(found).keys() if _differs(key, was, found))
    return f"{CHANGED}{', '.join(fields)}" if fields else ""


def _differs(key: str, was: Obj, now: Obj) -> bool:
    return bool(_essence(was).get(key) != _essence(now).get(key))


def _essence(obj: Obj) -> Body:
    """The object without status, bookkeeping and KubeSphere's marks."""
    rest: Body = {k: v for k, v in obj.body.items() if k not in ("metadata", "status", "apiVersion", "kind")}
    if obj.body.get("aggregationRule"):
        rest.pop("rules", None)
    rest["metadata.labels"] = _without(obj.labels)
    rest["metadata.annotations"] = {k: v for k, v in _without(obj.annotations).items() if k not in OWN}
    rest["metadata.finalizers"] = [f for f in obj.finalizers if not MARK.match(f)]
    rest["metadata.ownerReferences"] = [o.uid for o in obj.owners if not MARK.match(o.group)]
    return rest


def _without(entries: dict[str, str]) -> dict[str, Any]:
    return {k: v for k, v in entries.items() if not MARK.match(k)}
