"""Two states with a later loss of namespaces, on real planes: shown to lose them, found by doctor, defused, harmless.

A namespace whose Workspace goes has two ends. The garbage collector deletes it, or the namespace controller comes
first, sees a Workspace that is being deleted or is gone, and takes label and owner off: then nothing happens to it
(kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, bindWorkspace and unbindWorkspace). Both
controllers start at once with ks-controller-manager, so each namespace may meet either end; where no controller runs,
there is only the first.
"""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import pytest

from ks_reset.catalogue.names import CRD_KIND, DEPLOYMENT_KIND, NAMESPACE_KIND, WORKSPACE_KIND, WORKSPACE_LABEL
from ks_reset.cluster import Client, until
from ks_reset.errors import Retry
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.standin.api import AGENT
from tests.rehearsal import collector
from tests.rehearsal.command import Command

pytestmark = pytest.mark.rehearsal
MakeWorld = Callable[..., RehearsalFleet]
MANAGER = ("kubesphere-system", "ks-controller-manager")
TYPE = "workspaces.tenant.kubesphere.io"
CONFIG = Kind("", "v1", "ConfigMap", "configmaps", True)
FOLLOWED = "tenant.kubesphere.io/v1alpha1 workspaces"
SYNC_SECONDS = 180.0
"""The garbage collector reads the served types every 30 s; its workers pause until its caches are full."""
LOOKUP_SECONDS = 360.0
"""An owner of an unserved type is looked up after 5 ms, and after twice the time with each failure."""
COLLECTED, UNBOUND, BOUND = "collected", "unbound", "bound"


def manager(made: RehearsalFleet, replicas: int) -> None:
    """Scale ks-controller-manager of the host, and wait until its process is as asked."""
    namespace, name = MANAGER
    made.host.merge_patch(DEPLOYMENT_KIND, name, namespace, {"spec": {"replicas": replicas}})
    kubelet = made.kubelets["host", name]
    made.wait(f"ks-controller-manager has {replicas} replicas", lambda: kubelet.running == bool(replicas))


def alive(cluster: Client, name: str, uid: str) -> bool:
    meta = (cluster.get(NAMESPACE_KIND, name) or {"metadata": {}})["metadata"]
    return meta.get("uid") == uid and not meta.get("deletionTimestamp")


def uid_of(cluster: Client, name: str) -> str:
    return str((cluster.get(NAMESPACE_KIND, name) or {})["metadata"]["uid"])


def is_emptied(cluster: Client, name: str) -> bool:
    """Whether Kubernetes has deleted a namespace's contents; other finalizers may still keep the namespace."""
    return not (cluster.get(NAMESPACE_KIND, name) or {"spec": {}})["spec"].get("finalizers")


def defused(run: Command, rule: str, tmp_path: Path) -> None:
    """doctor names the gun; defuse is planned, applied, and has nothing more to do; only then the seatbelt goes off."""
    found = json.loads(run("doctor", "-o", "json").stdout)
    gun = next(finding for finding in found if finding["id"] == rule)
    assert (gun["severity"], "defuse" in gun["cure"]) == ("critical", True)
    plan = str(tmp_path / f"{rule}.json")
    planned = run("plan", "defuse", "--out", plan)
    assert planned.returncode == 0, planned.stderr
    applied = run("apply", plan, "--yes")
    assert applied.returncode == 0, applied.stderr
    assert rule not in [finding["id"] for finding in json.loads(run("doctor", "-o", "json").stdout)]
    assert run("plan", "defuse").returncode == 0
    assert run("protect", "status").returncode == 0
    assert run("protect", "off").returncode == 4
    assert run("protect", "off", "--force").returncode == 0


def plane_of(made: RehearsalFleet) -> Path:
    """The folder of the host's logs."""
    return made.kubeconfig.parent / "host"


def end_of(made: RehearsalFleet, name: str, uid: str) -> str:
    """COLLECTED: gone, or being deleted; UNBOUND: alive without the Workspace's label and owner; else BOUND."""
    if not alive(made.host, name, uid):
        return COLLECTED
    meta = (made.host.get(NAMESPACE_KIND, name) or {"metadata": {}})["metadata"]
    return BOUND if WORKSPACE_LABEL in meta.get("labels", {}) or meta.get("ownerReferences") else UNBOUND


def collected(made: RehearsalFleet) -> set[str]:
    """The namespaces deleted by the garbage collector: its DELETE was accepted."""
    return {name for name, code in collector.deletions(plane_of(made), "namespaces") if code == 200}


def updates_by_controller(made: RehearsalFleet) -> Counter[str]:
    """How often ks-controller-manager has updated each namespace."""
    parts = ('"verb":"update"', f'"userAgent":"{AGENT}"', '"resource":"namespaces"', '"code":200')
    return Counter(event["objectRef"]["name"] for event in collector.audit_events(plane_of(made), *parts))


def test_a_dying_workspace_takes_its_namespaces_along_unless_defused(world: MakeWorld, tmp_path: Path) -> None:
    made = world()
    run = Command(made, tmp_path)
    made.scale_kubefed(0)
    manager(made, 0)
    made.host.delete(WORKSPACE_KIND, "ws2")
    doomed = {name: uid_of(made.host, name) for name in ("data-lake", "reporting")}
    assert not until(lambda: not all(alive(made.host, n, u) for n, u in doomed.items()), 5)
    assert not collected(made)
    made.host.merge_patch(WORKSPACE_KIND, "ws2", "", {"metadata": {"finalizers": None}})
    made.wait("the namespaces die", lambda: not any(alive(made.host, n, u) for n, u in doomed.items()), SYNC_SECONDS)
    assert collected(made) == doomed.keys()
    # A plan is refused while a namespace is being emptied: it cannot tell that loss from one of its own.
    made.wait("they are empty", lambda: all(is_emptied(made.host, name) for name in doomed))

    kept = {name: uid_of(made.host, name) for plane, name in made.members_of("ws1") if plane == "host"}
    made.host.delete(WORKSPACE_KIND, "ws1")
    defused(run, "terminating-workspace", tmp_path)
    manager(made, 1)
    made.wait("the Workspace is gone", lambda: made.host.get(WORKSPACE_KIND, "ws1") is None)
    assert not until(lambda: not all(alive(made.host, n, u) for n, u in kept.items()), 25)
    assert collected(made) == doomed.keys()


def test_a_restarted_controller_leaves_each_namespace_to_the_collector_or_unbinds_it(world: MakeWorld) -> None:
    made = world()
    made.scale_kubefed(0)
    manager(made, 0)
    own = {name for plane, name in made.members_of("ws1") if plane == "host"} - {made.scenario.federated.namespace}
    uids = {name: uid_of(made.host, name) for name in own}

    def ends() -> dict[str, str]:
        return {name: end_of(made, name, uid) for name, uid in uids.items()}

    made.host.delete(WORKSPACE_KIND, "ws1")
    before = updates_by_controller(made)
    assert set(ends().values()) == {BOUND}
    manager(made, 1)
    made.wait("every namespace has met an end", lambda: BOUND not in ends().values(), SYNC_SECONDS)
    assert made.host.get(WORKSPACE_KIND, "ws1") is None
    until(lambda: False, 10)  # a DELETE that was under way when the owner was taken off
    final = ends()
    print(f"the ends: {final}")
    assert collected(made) == {name for name, end in final.items() if end == COLLECTED}
    assert {name for name, end in final.items() if end == UNBOUND} <= (updates_by_controller(made) - before).keys()
    assert not until(lambda: ends() != final, 10)


def test_an_old_uid_kills_when_the_type_comes_back_unless_defused(world: MakeWorld, tmp_path: Path) -> None:
    made = world()
    run = Command(made, tmp_path)
    made.scale_kubefed(0)
    manager(made, 0)
    crd = made.host.get(CRD_KIND, TYPE) or {}
    # Others the second time: garbage collection waits ever longer before it tries again what it has tried in vain.
    for fires, names in ((False, ("intranet", "reporting")), (True, ("data-lake", "billing"))):
        _without_workspaces(made)
        victims = {name: uid_of(made.host, name) for name in names}
        for name in victims:
            made.host.merge_patch(NAMESPACE_KIND, name, "", {"metadata": {"ownerReferences": [_old_owner(names[0])]}})
        assert not until(lambda v=victims: _survivors(made, v) != v.keys(), 10)  # type: ignore[misc]
        if not fires:
            defused(run, "old-owner", tmp_path)
        _reinstalled(made, crd)
        if fires:
            made.wait("the namespaces die", lambda v=victims: not _survivors(made, v), LOOKUP_SECONDS)  # type: ignore[misc]
        else:
            _await_deletion_of_another(made, _old_owner(names[0]))
            assert not until(lambda v=victims: _survivors(made, v) != v.keys(), 20)  # type: ignore[misc]
        assert collected(made) == (victims.keys() if fires else set())


def _survivors(made: RehearsalFleet, uids: dict[str, str]) -> set[str]:
    return {name for name, uid in uids.items() if alive(made.host, name, uid)}


def _await_deletion_of_another(made: RehearsalFleet, owner: Body) -> None:
    """Return when the garbage collector has deleted a new ConfigMap of this owner: the type is back for it too.

    The node of the owner waits ever longer for its next look, up to 16 minutes; a new dependent is looked at at once.
    """
    name, namespace = "still-owned", "default"
    made.host.create(CONFIG, {"metadata": {"name": name, "namespace": namespace, "ownerReferences": [owner]}})
    made.wait("it is deleted", lambda: made.host.get(CONFIG, name, namespace) is None, SYNC_SECONDS)


def _without_workspaces(made: RehearsalFleet) -> None:
    """As after an uninstall: no owners, no Workspaces and no Workspace type; and the garbage collector knows it.

    While it still maps the type, it would read a missing owner as 404, and delete its dependents.
    """
    plane = plane_of(made)
    made.wait("its type is followed", lambda: FOLLOWED in collector.followed_types(plane), SYNC_SECONDS)
    for body in made.host.list(NAMESPACE_KIND):
        made.host.merge_patch(NAMESPACE_KIND, body["metadata"]["name"], "", {"metadata": {"ownerReferences": None}})
    for body in made.host.list(WORKSPACE_KIND):
        made.host.merge_patch(WORKSPACE_KIND, body["metadata"]["name"], "", {"metadata": {"finalizers": None}})
    made.host.delete(CRD_KIND, TYPE)
    made.wait("the type is gone", lambda: made.host.get(CRD_KIND, TYPE) is None)
    made.wait("its type is forgotten", lambda: FOLLOWED not in collector.followed_types(plane), SYNC_SECONDS)


def _reinstalled(made: RehearsalFleet, crd: Body) -> None:
    """The first acts of a reinstall: the type, and a new Workspace of the old name."""
    meta = {"name": TYPE}
    made.host.create(CRD_KIND, {**{k: crd[k] for k in ("apiVersion", "kind", "spec")}, "metadata": meta})
    kind = Kind("tenant.kubesphere.io", "v1alpha1", "Workspace", "workspaces", False)
    body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": "ws9"}, "spec": {}}

    def made_one() -> bool:
        try:
            made.host.create(kind, body)
        except Retry:  # the type is not served yet
            return False
        return True

    made.wait("a new Workspace is there", made_one)


def _old_owner(seed: str) -> Body:
    """The ownerReference to a deleted Workspace; each seed gets its own UID."""
    return {
        "apiVersion": "tenant.kubesphere.io/v1alpha1",
        "kind": "Workspace",
        "name": "ws9",
        "uid": str(uuid5(NAMESPACE_OID, seed)),
        "controller": True,
        "blockOwnerDeletion": True,
    }
