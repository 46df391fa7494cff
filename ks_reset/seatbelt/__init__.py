"""The seatbelt: deletions the API server itself denies to every client. It needs no server of ours."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ks_reset.model import Body, ClusterFacts, Kind, Obj
from ks_reset.seatbelt import policy, webhook
from ks_reset.seatbelt.scope import REMOVABLE, SHIELDED, denies_deletion, own_namespaces
from ks_reset.seatbelt.webhook import removable

NAME = "ks-reset-seatbelt"
RUN, BY, SPARED = "ks-reset/run", "ks-reset/by", "ks-reset/spared"
BY_HAND = "protect"
"""The run of a seatbelt put on by `ks-reset protect on`."""
KINDS: tuple[str, ...] = (policy.POLICY.key, policy.BINDING.key, webhook.KIND.key)
DEFAULTS: Body = {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
"""Fields an API server adds to a part without changing its meaning (kubernetes v1.24.17 and v1.34.4,
pkg/apis/admissionregistration/v1/defaults.go)."""


class Belt(Struct, frozen=True):
    """The parts of a seatbelt as read. Its annotations say who put it on for which run, and its exceptions."""

    parts: tuple[Obj, ...]

    def _annotation(self, key: str) -> str:
        return next((o.annotations[key] for o in self.parts if key in o.annotations), "")

    @property
    def run(self) -> str:
        """The playbook it was put on for, or BY_HAND; "" if the annotation is missing."""
        return self._annotation(RUN)

    @property
    def by(self) -> str:
        """The person who put it on, as user@machine; "" if the annotation is missing."""
        return self._annotation(BY)

    @property
    def spared(self) -> tuple[str, ...]:
        """The names of the namespaces it does not protect."""
        return tuple(name for name in self._annotation(SPARED).split(",") if name)


def by_label(world: ClusterFacts) -> bool:
    """Whether this cluster's seatbelt is a webhook: true unless it serves ValidatingAdmissionPolicy in v1."""
    kind = world.kinds.get(policy.POLICY.key)
    return kind is None or kind.version != "v1"


def parts(world: ClusterFacts, run: str, by: str, spared: tuple[str, ...] = ()) -> tuple[tuple[Kind, Body], ...]:
    """The objects of a seatbelt for this cluster, in order of creation. `spared` are its excepted namespaces."""
    annotations = {RUN: run, BY: by, SPARED: ",".join(spared)}
    return (webhook.webhook_objects if by_label(world) else policy.policy_objects)(NAME, annotations, spared)


def found(world: ClusterFacts) -> Belt | None:
    """The parts of a seatbelt on this cluster, complete or not; None if it has none."""
    objects = tuple(obj for key in KINDS for obj in world.of(key) if obj.name == NAME)
    return Belt(objects) if objects else None


def owner(belt: Belt | None, run: str, by: str) -> tuple[str, str]:
    """The run and the person to write on it: a seatbelt already on keeps its own, also when it is repaired."""
    return (belt.run, belt.by) if belt and belt.run else (run, by)


def complete(world: ClusterFacts, belt: Belt) -> bool:
    """Whether every part is on the cluster with the wanted content; fields the API server adds are ignored."""
    bodies = {obj.kind.key: obj.body for obj in belt.parts}
    wanted = parts(world, belt.run, belt.by, belt.spared)
    return all(kind.key in bodies and same(bodies[kind.key], body) for kind, body in wanted)


def denies(world: ClusterFacts) -> bool:
    """Whether a complete seatbelt is on in this cluster."""
    belt = found(world)
    return belt is not None and complete(world, belt)


def same(present: Body, wanted: Body) -> bool:
    """Whether a part has the wanted spec or webhooks and no field besides.

    An extra field may undo all rules: a match condition that is never true, or a binding for a few namespaces.
    """
    return all(_is_equivalent(present.get(key), wanted[key]) for key in ("spec", "webhooks") if key in wanted)


def _is_equivalent(present: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        if not isinstance(present, dict) or not wanted.keys() <= present.keys():
            return False
        added = present.keys() - wanted.keys()
        defaulted = all(present[key] == DEFAULTS.get(key) for key in added)
        return defaulted and all(_is_equivalent(present[key], value) for key, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        same_length = isinstance(present, Sequence) and len(present) == len(wanted)
        return same_length and all(_is_equivalent(a, b) for a, b in zip(present, wanted, strict=True))
    return bool(present == wanted)


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
    "denies_deletion",
    "found",
    "own_namespaces",
    "owner",
    "parts",
    "removable",
    "same",
]
