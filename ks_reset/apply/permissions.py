"""The permissions that the actions of a plan need: for their writes, and for what their waits and the seatbelt ask.

Each verb declares in `model/actions.py` what it needs on the type of its object. What it asks of other types is here,
in a `match` with `assert_never`. A type that was just listed may be listed again.
"""

from collections.abc import Iterable
from typing import assert_never

from msgspec import Struct, structs

from ks_reset import catalogue, seatbelt
from ks_reset.catalogue.inventory import inventory_versions, load_inventory
from ks_reset.catalogue.names import (
    CRD_KEY,
    CRD_KIND,
    KUBE_SYSTEM_NAMESPACE,
    LEASE_KIND,
    NAMESPACE_KEY,
    NAMESPACE_KIND,
    POD_KIND,
    SECRET_KIND,
)
from ks_reset.facts import federation
from ks_reset.facts.installation import INSTALLATION_KEYS
from ks_reset.model import Action, ClusterFacts, Create, Install, InstallChart, Kind
from ks_reset.model import actions as verbs

RUN_LOCK = ("get", "create", "update", "delete")
"""What the run lock needs on its Lease in kube-system."""
APPLIED = ("get", "create", "patch")
"""What helm needs on the objects of a chart (helm v3.19.5, pkg/kube/client.go, Create and Update)."""


class Permission(Struct, frozen=True, order=True):
    """A verb of RBAC on a type, in one namespace or, with "", in all."""

    verb: str
    kind: Kind
    namespace: str = ""


def needed_permissions(actions: Iterable[Action], world: ClusterFacts, install: Install | None) -> set[Permission]:
    """The permissions that actions on this cluster need; empty without an action."""
    needed = {permission for action in actions for permission in _permissions_of(action, world, install)}
    lock = {Permission(verb, LEASE_KIND, KUBE_SYSTEM_NAMESPACE) for verb in RUN_LOCK}
    listed = {(world.kinds[key].group, world.kinds[key].plural) for key in world.objects if key in world.kinds}
    asked = {each for each in needed if each.verb != "list" or (each.kind.group, each.kind.plural) not in listed}
    return asked | lock if needed else set()


def _permissions_of(action: Action, world: ClusterFacts, install: Install | None) -> Iterable[Permission]:
    yield from _on(action.permissions, action.kind)
    match action:
        case verbs.Scale() | verbs.RemoveMarks() | verbs.AddMarks() | verbs.WaitStable():
            return
        case verbs.Delete():
            yield from _to_let_go(action.kind, world)
        case verbs.RestoreFinalizer():
            yield from _on(("update",), structs.replace(action.kind, plural=f"{action.kind.plural}/finalize"))
        case verbs.StopConversion():
            yield from _on(("list",), *(kind for kind in world.kinds.values() if kind.resource == action.name))
        case verbs.Create():
            yield from _on(("list",), *_created_types(action))
        case verbs.InstallChart():
            yield from _for_chart(action, world, install)
        case verbs.WaitQuiet() | verbs.WatchWorkspaces():
            lock = catalogue.leader_election_of(action.runs)
            yield from _on(("get",), *(lock.kinds if lock else ()))
            yield from _on(("list",), POD_KIND)
        case verbs.WaitReady():
            keys = federation.RECORD_KEYS if action.reaches else INSTALLATION_KEYS
            yield from _on(("list",), *(world.kinds[key] for key in keys if key in world.kinds))
            yield from _on(("get",), *((SECRET_KIND, action.kind) if action.reaches else ()))
        case verbs.SeatbeltOn() | verbs.SeatbeltOff():
            yield from _for_seatbelt(action, world)
        case unknown:
            assert_never(unknown)


def _on(words: Iterable[str], *kinds: Kind) -> Iterable[Permission]:
    return (Permission(verb, kind) for kind in kinds for verb in words)


def _to_let_go(kind: Kind, world: ClusterFacts) -> Iterable[Permission]:
    """For the mark by which a seatbelt below Kubernetes 1.30 admits the deletion (`apply/write/delete.py`)."""
    if kind.key == CRD_KEY and seatbelt.is_webhook(world):
        yield from _on(("patch",), CRD_KIND)
    if kind.key == NAMESPACE_KEY and seatbelt.selects_by_marks(world):
        yield from _on(("patch",), NAMESPACE_KIND)


def _for_seatbelt(action: verbs.SeatbeltOn | verbs.SeatbeltOff, world: ClusterFacts) -> Iterable[Permission]:
    """For each of its parts, the dry run that proves it, and its marks on namespaces (`apply/write/seatbelt.py`)."""
    parts = [kind for kind, _ in seatbelt.seatbelt_objects(world, "", "")]
    found = seatbelt.present(world)
    yield from _on(action.permissions, *parts, *(part.kind for part in (found.parts if found else ())))
    yield from _on(("list",), NAMESPACE_KIND)
    if isinstance(action, verbs.SeatbeltOn):
        yield from _on(("delete",), NAMESPACE_KIND)
    if seatbelt.selects_by_marks(world):
        yield from _on(("patch",), NAMESPACE_KIND)


def _created_types(action: Create) -> Iterable[Kind]:
    """The type that a created CustomResourceDefinition defines: ks-reset lists it afterwards."""
    if action.kind.key == CRD_KEY:
        yield _type_named(*action.name.split(".", 1))


def _for_chart(action: InstallChart, world: ClusterFacts, install: Install | None) -> Iterable[Permission]:
    """For the chart's objects and types, and its namespace; the types are listed afterwards."""
    made = [
        name for chart in (install.charts if install else ()) if chart.cluster == action.cluster for name in chart.makes
    ]
    keys = {name.partition(" ")[0] for name in made}
    yield from _on(APPLIED, *(world.kinds[key] for key in sorted(keys & world.kinds.keys())))
    yield from _on(("get", "create"), NAMESPACE_KIND, CRD_KIND)
    yield from _on(("list",), *_types_of_version(install.version if install else ""))


def _types_of_version(version: str) -> Iterable[Kind]:
    known = version.removeprefix("v")
    for entry in load_inventory(known).entries if known in inventory_versions() else ():
        if entry.kind == CRD_KEY and entry.component == "core":
            yield _type_named(*entry.name.split(".", 1))


def _type_named(plural: str, group: str) -> Kind:
    """A type as a permission names it; a CustomResourceDefinition is named after it."""
    return Kind(group, "", plural, plural, namespaced=False)
