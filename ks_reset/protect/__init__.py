"""The seatbelt: a deny rule that the API server itself enforces, whoever asks. It needs no server of ours."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ks_reset.model import Body, Kind, Obj, World
from ks_reset.protect import policy, webhook
from ks_reset.protect.scope import SHIELDED, own_namespaces, shields
from ks_reset.protect.webhook import REMOVABLE, removable

NAME = "ks-reset-seatbelt"
RUN, BY, SPARED = "ks-reset/run", "ks-reset/by", "ks-reset/spared"
BY_HAND = "protect"
"""The run of a seatbelt that was put on by ks-reset protect on."""
KINDS = (policy.POLICY.key, policy.BINDING.key, webhook.KIND.key)


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


def by_label(world: World) -> bool:
    """Whether this cluster's seatbelt is a webhook, since it does not serve ValidatingAdmissionPolicy in v1."""
    kind = world.kinds.get(policy.POLICY.key)
    return kind is None or kind.version != "v1"


def parts(world: World, run: str, by: str, spared: tuple[str, ...] = ()) -> tuple[tuple[Kind, Body], ...]:
    """The objects of a seatbelt for this cluster, in the order in which they are made."""
    annotations = {RUN: run, BY: by, SPARED: ",".join(spared)}
    return (webhook.parts if by_label(world) else policy.parts)(NAME, annotations, spared)


def found(world: World) -> Belt | None:
    """What is there of a seatbelt; None if nothing is."""
    there = tuple(obj for key in KINDS for obj in world.of(key) if obj.name == NAME)
    return Belt(there) if there else None


def complete(world: World, belt: Belt) -> bool:
    """Whether all parts are there and say what they should; what the API server adds does not matter."""
    wanted = parts(world, belt.run, belt.by, belt.spared)
    there = {obj.kind.key: obj.body for obj in belt.parts}
    return all(kind.key in there and same(there[kind.key], body) for kind, body in wanted)


def denies(world: World) -> bool:
    """Whether a whole seatbelt is on in this cluster."""
    belt = found(world)
    return belt is not None and complete(world, belt)


def same(there: Body, wanted: Body) -> bool:
    """Whether a part that is there says what is wanted."""
    return _holds(there, _essence(wanted))


def _essence(body: Body) -> Body:
    return {key: body[key] for key in ("spec", "webhooks") if key in body}


def _holds(there: Any, wanted: Any) -> bool:
    """Whether everything that is wanted is there, with the same values; lists have to be of the same length."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(_holds(there.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        same = isinstance(there, Sequence) and len(there) == len(wanted)
        return same and all(_holds(a, b) for a, b in zip(there, wanted, strict=True))
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
    "denies",
    "found",
    "own_namespaces",
    "parts",
    "removable",
    "same",
    "shields",
]
