"""The bystander proof: every object outside the plans has the same UID and the same content as before.

Pods and other objects of controllers, leases and status are not compared: they change by themselves (`passing.py`).
Kubernetes writes the rules of an aggregated ClusterRole from other roles; its selectors are compared.
"""

import re
from collections.abc import Sequence
from itertools import compress
from typing import Any

from msgspec import Struct

from ks_reset.model import (
    LOST,
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
from ks_reset.verify.aftermath import Aftermath
from ks_reset.verify.leftovers import is_seatbelt
from ks_reset.verify.passing import LEADER, is_passing, is_rewritten

MARK = re.compile(r"^(?:[a-z0-9.-]+\.)?(?:kubesphere|kubefed)\.io(?:/|$)")
UNCOMPARED = ("kubectl.kubernetes.io/last-applied-configuration", LEADER)


MANAGED = "kubefed.io/managed"
CHANGED = "changed in "


class Change(Struct, frozen=True):
    """A changed bystander. `what` completes the sentence: is gone, was recreated, or CHANGED and its fields."""

    cluster: str
    object: str
    what: str

    @property
    def kind(self) -> str:
        """`Kind.group`, the first word of the object's title."""
        return self.object.partition(" ")[0]

    @property
    def is_lost(self) -> bool:
        """True if the object is gone, recreated or being deleted; False if its content changed."""
        return not self.what.startswith(CHANGED)


class Proof(Struct, frozen=True):
    """The number of bystanders compared, by cluster name, and the changed ones.

    `followed` are changes that other controllers made after the end of a pod, a claim or a volume, with the reason.
    """

    compared: dict[str, int]
    changes: tuple[Change, ...]
    followed: tuple[Change, ...] = ()


def compare_bystanders(before: FleetFacts, after: FleetFacts, plans: Sequence[Plan]) -> Proof:
    """Compare the facts of before and after. A bystander is an object in none of the plans applied in between."""
    compared: dict[str, int] = {}
    changes: list[Change] = []
    followed: list[Change] = []
    seatbelts = _seatbelt_names(plans)
    for world in before.clusters:
        now = after.cluster(world.identity)
        if now is None:
            changes.append(Change(world.name, "the whole cluster", "was not read again"))
            continue
        excluded = _planned_uids(plans, world.identity) | _uids_of_other_host(world, plans)
        excluded |= _foreseen_uids(plans, world.identity) | _uids_of_deleted_types(world, plans)
        excluded |= _uids_of_reclaimed_volumes(world, excluded)
        planned = [_is_planned(obj, world, excluded) for obj in world.all()]
        others = (obj for obj, is_planned in zip(world.all(), planned, strict=True) if not is_planned)
        users = (obj for obj in others if obj.name not in seatbelts and not is_seatbelt(obj))
        watched = [obj for obj in users if not is_passing(obj, world)]
        compared[world.name] = len(watched)
        aftermath = Aftermath(world, now, {obj.uid for obj in compress(world.all(), planned)})
        for obj in watched:
            if what := _difference(obj, now):
                why = aftermath.reason(obj, now.get(obj.kind.key, obj.name, obj.namespace), _fields_in(what))
                (followed if why else changes).append(Change(world.name, obj.title, f"{what}: {why}" if why else what))
    return Proof(compared, tuple(changes), tuple(followed))


def _planned_uids(plans: Sequence[Plan], identity: str) -> set[str]:
    """The UIDs of the objects the plans delete or scale on a cluster."""
    actions = [a for plan in plans for a in plan.by_cluster.get(identity, ())]
    return {a.uid for a in actions if isinstance(a, Delete | Scale)}


def _uids_of_deleted_types(world: ClusterFacts, plans: Sequence[Plan]) -> set[str]:
    """The UIDs of all objects of the types that the plans delete: the approval includes them (apply/remaining.py).

    Some cannot be listed when the plan is made, and others are created later.
    """
    actions = (a for plan in plans for a in plan.by_cluster.get(world.identity, ()) if isinstance(a, Delete))
    types = {a.name for a in actions if a.kind.key == "CustomResourceDefinition.apiextensions.k8s.io"}
    return {obj.uid for obj in world.all() if obj.kind.resource in types}


def _foreseen_uids(plans: Sequence[Plan], identity: str) -> set[str]:
    """The UIDs of the objects that go on a cluster as a consequence named in a plan."""
    names = {(plan.digest, c.name) for plan in plans for c in plan.clusters if c.identity == identity}
    effects = [(plan.digest, effect) for plan in plans for effect in plan.foreseen if effect.fate in LOST]
    return {effect.uid for digest, effect in effects if effect.uid and (digest, effect.cluster) in names}


def _uids_of_reclaimed_volumes(world: ClusterFacts, excluded: set[str]) -> set[str]:
    """The UIDs of the volumes that go with an excluded claim, also one created after the plan."""
    claims = {claim.uid for claim in world.of("PersistentVolumeClaim") if _is_planned(claim, world, excluded)}
    return {
        volume.uid
        for volume in world.of("PersistentVolume")
        if volume.spec.get("persistentVolumeReclaimPolicy") in ("Delete", "Recycle")
        and (volume.spec.get("claimRef") or {}).get("uid") in claims
    }


def _fields_in(what: str) -> list[str]:
    """The fields of a change in words; [] for a loss."""
    return what.removeprefix(CHANGED).split(", ") if what.startswith(CHANGED) else []


def _uids_of_other_host(world: ClusterFacts, plans: Sequence[Plan]) -> set[str]:
    """The UIDs of the objects another host keeps changing, on a member it shares; empty on other clusters.

    These are KubeSphere's own objects, and objects with the label of that host's kubefed unless a plan removes it.
    """
    if not any(world.name in plan.request.shared for plan in plans):
        return set()
    actions = [a for plan in plans for a in plan.by_cluster.get(world.identity, ())]
    ours = {a.uid for a in actions if isinstance(a, RemoveMarks) and MANAGED in a.marks.labels}
    own = {o.uid for o in world.all() if MARK.match(o.kind.group)}
    return own | {o.uid for o in world.all() if MANAGED in o.labels and o.uid not in ours}


def _seatbelt_names(plans: Sequence[Plan]) -> set[str]:
    """The names of the seatbelts the plans put on or take off."""
    return {a.name for plan in plans for a in plan.actions if isinstance(a, SeatbeltOn | SeatbeltOff)}


def _is_planned(obj: Obj, world: ClusterFacts, excluded: set[str]) -> bool:
    """Whether the object, or the namespace it is in, is among the excluded UIDs."""
    namespace = world.get("Namespace", obj.namespace)
    return obj.uid in excluded or (namespace is not None and namespace.uid in excluded)


def _difference(before: Obj, world: ClusterFacts) -> str:
    """What became of a bystander, as in `Change.what`; "" if it is unchanged, or gone after a deletion under way."""
    after = world.get(before.kind.key, before.name, before.namespace)
    if after is None:
        return "" if before.deleting else "is gone"
    if after.uid != before.uid:
        return f"was recreated: UID {before.uid} became {after.uid}"
    if after.deleting and not before.deleting:
        return "is being deleted"
    old, new = _compared_fields(before), _compared_fields(after)
    fields = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    return f"{CHANGED}{', '.join(fields)}" if fields else ""


def _compared_fields(obj: Obj) -> Body:
    """The object by field, without status, bookkeeping and KubeSphere's marks."""
    rest: Body = {k: v for k, v in obj.body.items() if k not in ("metadata", "status", "apiVersion", "kind")}
    if obj.body.get("aggregationRule"):
        rest.pop("rules", None)
    if is_rewritten(obj):
        return {}
    rest["metadata.labels"] = _without_marks(obj.labels)
    rest["metadata.annotations"] = {k: v for k, v in _without_marks(obj.annotations).items() if k not in UNCOMPARED}
    rest["metadata.finalizers"] = [f for f in obj.finalizers if not MARK.match(f)]
    rest["metadata.ownerReferences"] = [o.uid for o in obj.owners if not MARK.match(o.group)]
    return rest


def _without_marks(entries: dict[str, str]) -> dict[str, Any]:
    return {k: v for k, v in entries.items() if not MARK.match(k)}
