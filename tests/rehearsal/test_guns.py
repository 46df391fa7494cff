"""Two loaded guns on real planes: shown to fire without ks-reset, found by doctor, defused, and then not firing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ks_reset.cluster import Client, until
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.fleet import NAMESPACES, WORKSPACES, RehearsalFleet
from ks_reset.rehearsal.objects import CRD
from ks_reset.rehearsal.plane.kubelet import DEPLOYMENT
from tests.rehearsal.command import Command

pytestmark = pytest.mark.rehearsal
MakeWorld = Callable[..., RehearsalFleet]
MANAGER = ("kubesphere-system", "ks-controller-manager")
TYPE = "workspaces.tenant.kubesphere.io"
SECONDS = 90.0


def manager(made: RehearsalFleet, replicas: int) -> None:
    """Scale ks-controller-manager of the host, and wait until its process is as asked."""
    namespace, name = MANAGER
    made.host.merge_patch(DEPLOYMENT, name, namespace, {"spec": {"replicas": replicas}})
    kubelet = made.kubelets["host", name]
    made.wait(f"ks-controller-manager has {replicas} replicas", lambda: kubelet.running == bool(replicas))


def alive(cluster: Client, name: str, uid: str) -> bool:
    meta = (cluster.get(NAMESPACES, name) or {"metadata": {}})["metadata"]
    return meta.get("uid") == uid and not meta.get("deletionTimestamp")


def uid_of(cluster: Client, name: str) -> str:
    return str((cluster.get(NAMESPACES, name) or {})["metadata"]["uid"])


def defused(run: Command, rule: str, tmp_path: Path) -> None:
    """doctor names the gun; defuse is planned, applied, and has nothing more to do; only then the seatbelt goes off."""
    found = json.loads(run("doctor", "-o", "json").stdout)
    gun = next(finding for finding in found if finding["id"] == rule)
    assert (gun["severity"], "defuse" in gun["cure"]) == ("critical", True)
    plan = str(tmp_path / f"{rule}.json")
    planned = run("plan", "defuse", "-o", plan)
    assert planned.returncode == 3, planned.stderr
    applied = run("apply", plan, "--yes")
    assert applied.returncode == 0, applied.stderr
    assert rule not in [finding["id"] for finding in json.loads(run("doctor", "-o", "json").stdout)]
    assert run("plan", "defuse").returncode == 0
    assert run("protect", "status").returncode == 0
    assert run("protect", "off").returncode == 4
    assert run("protect", "off", "--force").returncode == 0


def test_a_dying_workspace_takes_its_namespaces_along_unless_defused(world: MakeWorld, tmp_path: Path) -> None:
    made = world()
    run = Command(made, tmp_path)
    made.scale_kubefed(0)
    manager(made, 0)
    made.host.delete(WORKSPACES, "ws2")
    doomed = {name: uid_of(made.host, name) for name in ("data-lake", "reporting")}
    assert not until(lambda: not all(alive(made.host, n, u) for n, u in doomed.items()), 5)
    manager(made, 1)
    made.wait("the gun fires", lambda: not any(alive(made.host, n, u) for n, u in doomed.items()))

    manager(made, 0)
    kept = {name: uid_of(made.host, name) for plane, name in made.members_of("ws1") if plane == "host"}
    made.host.delete(WORKSPACES, "ws1")
    defused(run, "terminating-workspace", tmp_path)
    manager(made, 1)
    made.wait("the Workspace is gone", lambda: made.host.get(WORKSPACES, "ws1") is None)
    assert not until(lambda: not all(alive(made.host, n, u) for n, u in kept.items()), 25)


def test_an_old_uid_kills_when_the_type_comes_back_unless_defused(world: MakeWorld, tmp_path: Path) -> None:
    made = world()
    run = Command(made, tmp_path)
    made.scale_kubefed(0)
    manager(made, 0)
    crd = made.host.get(CRD, TYPE) or {}
    # Others the second time: garbage collection waits ever longer before it tries again what it has tried in vain.
    for fires, names in ((False, ("intranet", "reporting")), (True, ("data-lake", "billing"))):
        _without_workspaces(made)
        victims = {name: uid_of(made.host, name) for name in names}
        for name in victims:
            made.host.merge_patch(NAMESPACES, name, "", {"metadata": {"ownerReferences": [_old_owner()]}})
        assert not until(lambda v=victims: not all(alive(made.host, n, u) for n, u in v.items()), 10)  # type: ignore[misc]
        if not fires:
            defused(run, "old-owner", tmp_path)
        _reinstalled(made, crd)
        hurt = until(lambda v=victims: not all(alive(made.host, n, u) for n, u in v.items()), SECONDS)  # type: ignore[misc]
        assert hurt is fires


def _without_workspaces(made: RehearsalFleet) -> None:
    """As after an uninstall: no namespace names an owner, no Workspace is left, nor their type; and that is known."""
    for body in made.host.list(NAMESPACES):
        made.host.merge_patch(NAMESPACES, body["metadata"]["name"], "", {"metadata": {"ownerReferences": None}})
    for body in made.host.list(WORKSPACES):
        made.host.merge_patch(WORKSPACES, body["metadata"]["name"], "", {"metadata": {"finalizers": None}})
    made.host.delete(CRD, TYPE)
    made.wait("the type is gone", lambda: made.host.get(CRD, TYPE) is None)
    assert not until(lambda: False, 40), "the garbage collector asks every 30 s which types there are"


def _reinstalled(made: RehearsalFleet, crd: Body) -> None:
    """The first acts of a reinstall: the type, and a new Workspace of the old name."""
    meta = {"name": TYPE}
    made.host.create(CRD, {**{k: crd[k] for k in ("apiVersion", "kind", "spec")}, "metadata": meta})
    kind = Kind("tenant.kubesphere.io", "v1alpha1", "Workspace", "workspaces", False)
    body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": "ws9"}, "spec": {}}

    def made_one() -> bool:
        from ks_reset.cluster.transport import NotFound

        try:
            made.host.create(kind, body)
        except NotFound:
            return False
        return True

    made.wait("a new Workspace is there", made_one)


def _old_owner() -> Body:
    return {
        "apiVersion": "tenant.kubesphere.io/v1alpha1",
        "kind": "Workspace",
        "name": "ws9",
        "uid": "11111111-2222-3333-4444-555555555555",
        "controller": True,
        "blockOwnerDeletion": True,
    }
