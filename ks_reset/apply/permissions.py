"""The permissions the actions of a plan need: for their writes, their waits and the seatbelt.

Each verb declares in `model/actions.py` its needs on the type of its object. Its needs on other types are here, in a
`match` with `assert_never`. A type just listed may be listed again.

A permission names its object, if known before the run. The approval to delete a type covers its objects
created later (`approved_marks.py`), so there it names none; RBAC cannot limit `create` and `list` to a name.
"""

from collections.abc import Iterable
from typing import assert_never

from msgspec import structs

from ks_reset import catalogue, seatbelt
from ks_reset.apply.watch.run_lock import NAME as LOCK_NAME
from ks_reset.catalogue.inventory import inventory_versions, load_inventory
from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    CRD_KEY,
    CRD_KIND,
    KUBE_NODE_LEASE_NAMESPACE,
    KUBE_SYSTEM_NAMESPACE,
    KUBEFED_CLUSTER_KEY,
    LEASE_KIND,
    NAMESPACE_KEY,
    NAMESPACE_KIND,
    POD_KIND,
    RBAC_GROUP,
    SECRET_KIND,
)
from ks_reset.facts import federation
from ks_reset.facts.installation import INSTALLATION_KEYS
from ks_reset.model import Action, Body, ClusterFacts, Create, Delete, Install, InstallChart, Kind, Permission
from ks_reset.model import actions as verbs

RUN_LOCK = ("get", "create", "update", "delete")
"""What the run lock needs on its Lease in kube-system."""
APPLIED = ("get", "create", "patch")
"""What helm needs on the objects of a chart (helm v3.19.5, pkg/kube/client.go, Create and Update)."""

UNNAMED = {"create", "list"}
"""The verbs that RBAC grants by type alone (kubernetes v1.34.4, pkg/apis/rbac/types.go, PolicyRule.ResourceNames)."""
RIGHTS = {"Role": "escalate", "ClusterRole": "escalate", "RoleBinding": "bind", "ClusterRoleBinding": "bind"}
"""The API server refuses rights that the client does not have itself, without these verbs; a patch of the labels of a
binding is refused too (kubernetes v1.24.17, pkg/registry/rbac/rolebinding/policybased/storage.go)."""
RIGHTS_BY_KEY = {f"{kind}.{RBAC_GROUP}": verb for kind, verb in RIGHTS.items()}
ROLES = tuple(
    Kind(RBAC_GROUP, "v1", kind, f"{kind.lower()}s", namespaced=kind == "Role") for kind in ("Role", "ClusterRole")
)


def needed_permissions(actions: Iterable[Action], world: ClusterFacts, install: Install | None) -> set[Permission]:
    """The permissions that actions on this cluster need; empty without an action."""
    todo = list(actions)
    going = {action.name for action in todo if isinstance(action, Delete) and action.kind.key == CRD_KEY}
    needed = {
        structs.replace(each, name="") if each.kind.resource in going else each
        for action in todo
        for each in (*_permissions_of(action, world, install), *_rights(action, world))
    }
    listed = {(world.kinds[key].group, world.kinds[key].plural) for key in world.objects if key in world.kinds}
    asked = {each for each in needed if each.verb != "list" or (each.kind.group, each.kind.plural) not in listed}
    return asked | set(_on(RUN_LOCK, LEASE_KIND, name=LOCK_NAME, namespace=KUBE_SYSTEM_NAMESPACE)) if needed else set()


def _permissions_of(action: Action, world: ClusterFacts, install: Install | None) -> Iterable[Permission]:
    yield from _on_target(action)
    match action:
        case verbs.Scale() | verbs.RemoveMarks() | verbs.AddMarks() | verbs.WaitStable():
            return
        case verbs.Delete():
            yield from _to_let_go(action, world)
        case verbs.RestoreFinalizer():
            finalize = structs.replace(action.kind, plural=f"{action.kind.plural}/finalize")
            yield from _on(("update",), finalize, name=action.name)
        case verbs.StopConversion():
            yield from _on(("list",), *(kind for kind in world.kinds.values() if kind.resource == action.name))
        case verbs.Create():
            yield from _on(("list",), *_created_types(action))
        case verbs.InstallChart():
            yield from _for_chart(action, world, install)
        case verbs.WaitQuiet() | verbs.WatchWorkspaces():
            lock = catalogue.leader_election_of(action.runs)
            yield from _on(("get",), *(lock.kinds if lock else ()), name=lock.name if lock else "")
            yield from _on(("list",), POD_KIND)
        case verbs.WaitReady():
            keys = federation.RECORD_KEYS if action.reaches else INSTALLATION_KEYS
            yield from _on(("list",), *(world.kinds[key] for key in keys if key in world.kinds))
            yield from _on(("get",), *((SECRET_KIND, action.kind, *_records(world)) if action.reaches else ()))
        case verbs.SeatbeltOn() | verbs.SeatbeltOff():
            yield from _for_seatbelt(action, world)
        case unknown:
            assert_never(unknown)


def _on(words: Iterable[str], *kinds: Kind, name: str = "", namespace: str = "") -> Iterable[Permission]:
    return (Permission(verb, kind, namespace, "" if verb in UNNAMED else name) for kind in kinds for verb in words)


def _on_target(action: Action) -> Iterable[Permission]:
    """On its object; helm names its Secrets itself, and the parts of a seatbelt have rules of their own."""
    if not isinstance(action, verbs.SeatbeltOn | verbs.SeatbeltOff):
        name = "" if isinstance(action, verbs.InstallChart) else action.name
        yield from _on(action.permissions, action.kind, name=name)


def _records(world: ClusterFacts) -> Iterable[Kind]:
    """The types of the records that are read whole again to dial them: the record of a join does not exist yet."""
    return (world.kinds[key] for key in (KUBEFED_CLUSTER_KEY, CLUSTER_KEY) if key in world.kinds)


def _to_let_go(action: Delete, world: ClusterFacts) -> Iterable[Permission]:
    """For the mark by which a seatbelt below Kubernetes 1.30 admits the deletion (`apply/write/delete.py`)."""
    if action.kind.key == CRD_KEY and seatbelt.is_webhook(world):
        yield from _on(("patch",), CRD_KIND, name=action.name)
    if action.kind.key == NAMESPACE_KEY and seatbelt.selects_by_marks(world):
        yield from _on(("patch",), NAMESPACE_KIND, name=action.name)


def _for_seatbelt(action: verbs.SeatbeltOn | verbs.SeatbeltOff, world: ClusterFacts) -> Iterable[Permission]:
    """For each of its parts, the dry run that proves it, and its marks on namespaces (`apply/write/seatbelt.py`)."""
    parts = [kind for kind, _ in seatbelt.seatbelt_objects(world, "", "")]
    found = seatbelt.present(world)
    kinds = (*parts, *(part.kind for part in (found.parts if found else ())))
    yield from _on(action.permissions, *kinds, name=seatbelt.NAME)
    yield from _on(("list",), NAMESPACE_KIND)
    if isinstance(action, verbs.SeatbeltOn):
        tried = world.get(NAMESPACE_KEY, KUBE_NODE_LEASE_NAMESPACE)
        yield from _on(("delete",), NAMESPACE_KIND, name=tried.name if tried and not tried.deleting else "")
    if seatbelt.selects_by_marks(world):
        yield from _on(("patch",), NAMESPACE_KIND)


def _rights(action: Action, world: ClusterFacts) -> Iterable[Permission]:
    """`escalate` for roles that are created or marked, `bind` for the roles of such bindings.

    A request that creates a role names it in its body alone, so `escalate` for it cannot be granted by name (kubernetes
    v1.34.4, pkg/registry/rbac/escalation_check.go, RoleEscalationAuthorized).
    """
    verb = RIGHTS.get(action.kind.kind) if action.kind.group == RBAC_GROUP else None
    if verb is None or not isinstance(action, verbs.Create | verbs.AddMarks | verbs.RemoveMarks):
        return
    known = world.get(action.kind.key, action.name, action.namespace)
    body: Body = action.body if isinstance(action, Create) else known.body if known else {}
    role = body.get("roleRef") or {} if verb == "bind" else {"kind": action.kind.kind, "name": action.name}
    named = "" if verb == "escalate" and isinstance(action, Create) else str(role.get("name") or "")
    yield from (
        each for kind in ROLES if role.get("kind") in (None, kind.kind) for each in _on((verb,), kind, name=named)
    )


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
    yield from (each for key in keys if (verb := RIGHTS_BY_KEY.get(key)) for each in _on((verb,), *ROLES))
    yield from _on(("list",), *_types_of_version(install.version if install else ""))


def _types_of_version(version: str) -> Iterable[Kind]:
    known = version.removeprefix("v")
    for entry in load_inventory(known).entries if known in inventory_versions() else ():
        if entry.kind == CRD_KEY and entry.component == "core":
            yield _type_named(*entry.name.split(".", 1))


def _type_named(plural: str, group: str) -> Kind:
    """A type as a permission names it; a CustomResourceDefinition is named after it."""
    return Kind(group, "", plural, plural, namespaced=False)
