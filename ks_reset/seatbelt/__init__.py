"""The seatbelt: a deny rule that the API server itself enforces, whoever asks. It needs no server of ours."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ks_reset.model import Body, ClusterFacts, Kind, Obj
from ks_reset.seatbelt import policy, webhook
from ks_reset.seatbelt.scope import CRD, SHIELDED, home, own_namespaces, shields
from ks_reset.seatbelt.webhook import REMOVABLE, removable

NAME = "ks-reset-seatbelt"
RUN, BY, SPARED = "ks-reset/run", "ks-reset/by", "ks-reset/spared"
BY_HAND = "protect"
"""The run of a seatbelt that was put on by ks-reset protect on."""
KINDS: tuple[str, ...] = (policy.POLICY.key, policy.BINDING.key, webhook.KIND.key)
DEFAULTS: Body = {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
"""What an API server adds to a part and what leaves its meaning as it is (kubernetes v1.24.17 and v1.34.4,
pkg/apis/admissionregistration/v1/defaults.go)."""


class Belt(Struct, frozen=True):
    """What is there of a seatbelt: who put it on for which run, and which namespaces it does not protect."""

    parts: tuple[Obj, ...]

    def _said(self, key: str) -> str:
        return next((o.annotations[key] for o in self.parts if key in o.annotations), "")

    @property
    def run(self) -> str:
        return self._said(RUN)

    @property
    def by(self) -> str:
        return self._said(BY)

    @property
    def spared(self) -> tuple[str, ...]:
        return tuple(name for name in self._said(SPARED).split(",") if name)


def by_label(world: ClusterFacts) -> bool:
    """Whether this cluster's seatbelt is a webhook, since it does not serve ValidatingAdmissionPolicy in v1."""
    kind = world.kinds.get(policy.POLICY.key)
    return kind is None or kind.version != "v1"


def parts(world: ClusterFacts, run: str, by: str, spared: tuple[str, ...] = ()) -> tuple[tuple[Kind, Body], ...]:
    """The objects of a seatbelt for this cluster, in the order in which they are made."""
    annotations = {RUN: run, BY: by, SPARED: ",".join(spared)}
    return (webhook.parts if by_label(world) else policy.parts)(NAME, annotations, spared)


def found(world: ClusterFacts) -> Belt | None:
    """What is there of a seatbelt; None if nothing is."""
    there = tuple(obj for key in KINDS for obj in world.of(key) if obj.name == NAME)
    return Belt(there) if there else None


def owner(belt: Belt | None, run: str, by: str) -> tuple[str, str]:
    """Of which run it is, and who put it on: one that is there keeps its owner, also when it is mended."""
    return (belt.run, belt.by) if belt and belt.run else (run, by)


def complete(world: ClusterFacts, belt: Belt) -> bool:
    """Whether all parts are there and say what they should; what the API server adds does not matter."""
    wanted = parts(world, belt.run, belt.by, belt.spared)
    there = {obj.kind.key: obj.body for obj in belt.parts}
    return all(kind.key in there and same(there[kind.key], body) for kind, body in wanted)


def denies(world: ClusterFacts) -> bool:
    """Whether a whole seatbelt is on in this cluster."""
    belt = found(world)
    return belt is not None and complete(world, belt)


def covers(world: ClusterFacts, belt: Belt, obj: Obj) -> bool:
    """Whether this seatbelt, where it is whole, denies the deletion of this object whoever asks.

    A webhook goes by the label alone with types: KubeSphere's own stay as well until they are let go.
    """
    if obj.kind.key == CRD and by_label(world):
        return REMOVABLE not in obj.labels
    return shields(obj) and home(obj) not in belt.spared


def protects(world: ClusterFacts, obj: Obj) -> bool:
    """Whether this cluster's seatbelt denies the deletion of this object whoever asks; False without a whole one."""
    belt = found(world)
    return belt is not None and complete(world, belt) and covers(world, belt, obj)


def same(there: Body, wanted: Body) -> bool:
    """Whether a part that is there says what is wanted, and nothing else: a field more may take all of it back.

    A match condition that is never true, or a binding for a few namespaces, leaves every rule where it was.
    """
    return all(_holds(there.get(key), wanted[key]) for key in ("spec", "webhooks") if key in wanted)


def _holds(there: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        if not isinstance(there, dict) or not wanted.keys() <= there.keys():
            return False
        more = there.keys() - wanted.keys()
        return all(_holds(there[k], v) for k, v in wanted.items()) and all(there[k] == DEFAULTS.get(k) for k in more)
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        alike = isinstance(there, Sequence) and len(there) == len(wanted)
        return alike and all(_holds(a, b) for a, b in zip(there, wanted, strict=True))
    return bool(there == wanted)


__all__ = [
    "BY",
    "BY_HAND",
    "KINDS",
    "NAME",
    "REMOVABLE",
    "RUN",
    "SHIELDED",
    "SPARED",
    "Belt",
    "by_label",
    "complete",
    "covers",
    "denies",
    "found",
    "own_namespaces",
    "owner",
    "parts",
    "protects",
    "removable",
    "same",
    "shields",
]
