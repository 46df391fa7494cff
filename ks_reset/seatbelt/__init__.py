"""The seatbelt: deletions the API server itself denies to every client. It needs no server of ours."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ks_reset.catalogue.extensions import extensions_of
from ks_reset.catalogue.names import (
    ADMISSION_POLICY_BINDING_KIND,
    ADMISSION_POLICY_KIND,
    NAMESPACE_KEY,
    VALIDATING_WEBHOOK_KIND,
)
from ks_reset.model import Body, ClusterFacts, Kind, Obj
from ks_reset.seatbelt import policy, webhook
from ks_reset.seatbelt.scope import DENIED_KINDS, LET_GO_LABELS, REMOVABLE, denies_deletion, own_namespaces
from ks_reset.seatbelt.webhook import are_namespaces_labelled, marks_namespaces, removable_patch

NAME = "ks-reset-seatbelt"
RUN, BY, EXCEPTED = "ks-reset/run", "ks-reset/by", "ks-reset/spared"
BY_HAND = "protect"
"""The run of a seatbelt put on by `ks-reset protect on`."""
KINDS: tuple[str, ...] = (ADMISSION_POLICY_KIND.key, ADMISSION_POLICY_BINDING_KIND.key, VALIDATING_WEBHOOK_KIND.key)
DEFAULTS: Body = {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
"""Fields an API server adds to a part without changing its meaning (kubernetes v1.24.17 and v1.34.4,
pkg/apis/admissionregistration/v1/defaults.go)."""


class Seatbelt(Struct, frozen=True):
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
    def excepted_namespaces(self) -> tuple[str, ...]:
        """The names of the namespaces it does not protect."""
        return tuple(name for name in self._annotation(EXCEPTED).split(",") if name)


def is_webhook(world: ClusterFacts) -> bool:
    """Whether this cluster's seatbelt is a webhook: true unless it serves ValidatingAdmissionPolicy in v1."""
    kind = world.kinds.get(ADMISSION_POLICY_KIND.key)
    return kind is None or kind.version != "v1"


def seatbelt_objects(
    world: ClusterFacts, run: str, by: str, excepted: tuple[str, ...] = ()
) -> tuple[tuple[Kind, Body], ...]:
    """The objects of a seatbelt for this cluster, in order of creation. `excepted` are its excepted namespaces."""
    annotations = {RUN: run, BY: by, EXCEPTED: ",".join(excepted)}
    if is_webhook(world):
        labelled = are_namespaces_labelled(world.version)
        return webhook.webhook_objects(NAME, annotations, excepted, labelled=labelled)
    return policy.policy_objects(NAME, annotations, excepted)


def exceptions_of(world: ClusterFacts, belt: "Seatbelt | None" = None) -> tuple[str, ...]:
    """The exceptions of a seatbelt that is on, with the namespaces of extensions on this cluster: KubeSphere's own."""
    excepted = belt.excepted_namespaces if belt else ()
    return tuple(dict.fromkeys((*excepted, *sorted(extensions_of(world).by_namespace))))


def present(world: ClusterFacts) -> Seatbelt | None:
    """The parts of a seatbelt on this cluster, complete or not; None if it has none."""
    objects = tuple(obj for key in KINDS for obj in world.of(key) if obj.name == NAME)
    return Seatbelt(objects) if objects else None


def selects_by_marks(world: ClusterFacts) -> bool:
    """Whether this cluster's seatbelt knows its exceptions by labels that ks-reset writes on namespaces."""
    return is_webhook(world) and not are_namespaces_labelled(world.version)


def keeps_object(world: ClusterFacts, belt: Seatbelt, obj: Obj) -> bool:
    """Whether this complete seatbelt of the cluster denies the deletion of an object to every client."""
    labels: dict[str, str] | None = None
    if selects_by_marks(world):
        home = obj if obj.kind.key == NAMESPACE_KEY else world.get(NAMESPACE_KEY, obj.namespace)
        labels = home.labels if home else {}
    return denies_deletion(obj, belt.excepted_namespaces, is_webhook(world), labels)


def owner_of(belt: Seatbelt | None, run: str, by: str) -> tuple[str, str]:
    """The run and the person to write on it: a seatbelt already on keeps its own, also when it is repaired."""
    return (belt.run, belt.by) if belt and belt.run else (run, by)


def is_complete(world: ClusterFacts, belt: Seatbelt) -> bool:
    """Whether every part is on the cluster with the wanted content; fields the API server adds are ignored."""
    bodies = {obj.kind.key: obj.body for obj in belt.parts}
    wanted = seatbelt_objects(world, belt.run, belt.by, belt.excepted_namespaces)
    return all(kind.key in bodies and has_same_rules(bodies[kind.key], body) for kind, body in wanted)


def is_on(world: ClusterFacts) -> bool:
    """Whether a complete seatbelt is on in this cluster."""
    belt = present(world)
    return belt is not None and is_complete(world, belt)


def excepts_own(world: ClusterFacts) -> bool:
    """Whether the seatbelt of this cluster lets KubeSphere's own namespaces go, also those of extensions."""
    belt = present(world)
    return belt is None or set(exceptions_of(world)) <= {*belt.excepted_namespaces}


def has_same_rules(present: Body, wanted: Body) -> bool:
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
    "DENIED_KINDS",
    "EXCEPTED",
    "KINDS",
    "LET_GO_LABELS",
    "NAME",
    "REMOVABLE",
    "RUN",
    "Seatbelt",
    "denies_deletion",
    "exceptions_of",
    "excepts_own",
    "has_same_rules",
    "is_complete",
    "is_on",
    "is_webhook",
    "keeps_object",
    "marks_namespaces",
    "own_namespaces",
    "owner_of",
    "present",
    "removable_patch",
    "seatbelt_objects",
    "selects_by_marks",
]
