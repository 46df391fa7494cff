"""From KubeSphere 3.3.1 to 4.1.3: uninstalled, installed, and every namespace bound again in 4.1's form.

The control plane is real. KubeSphere's installation is its objects, and its controllers are stand-ins. One story: 4.1's
own cascade comes in the middle once and costs nothing, then it goes well.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ks_reset.cluster import until
from ks_reset.model import Body
from ks_reset.rehearsal.standin.v4 import CASCADING, PROPAGATION, ROLE, TEMPLATE, WORKSPACE
from tests.rehearsal import moving
from tests.rehearsal.moving import BUSINESS, Moving

pytestmark = pytest.mark.rehearsal
HASH = "$2a$10$zcHepmzfKPoxCVCYZr5K7ORPZZ.ySe9p.7IUb.8u..xHrnSX2LOCO"


@pytest.fixture(scope="module")
def move(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moving]:
    """3.3.1 is uninstalled, its passwords are in a vault; 4.1.3 is on."""
    folder = tmp_path_factory.mktemp("move")
    with moving.three(folder) as made:
        assert until(lambda: all(made.meta(name).get("ownerReferences") for name in BUSINESS), 40)
        made.uids.update({name: made.meta(name)["uid"] for name in BUSINESS})
        kept, plan = made.run("vault", "-r", made.recipient, "--out", made.vault[1]), str(folder / "uninstall.json")
        assert kept.returncode == 0, kept.stderr
        assert made.run("plan", "uninstall", "--out", plan).returncode == 0
        applied = made.run("apply", plan, "--yes")
        assert applied.returncode == 0, applied.stderr
        moving.four(made)
        assert until(lambda: made.kubelet.running, 20)
        yield made


def planned(move: Moving, name: str) -> str:
    """A plan to bind everything again, in a file of this name."""
    memory = next((move.folder / "state" / "runs").glob("uninstall-*/before.json.gz"))
    path = str(move.folder / name)
    made = move.run("plan", "rebind", "--memory", str(memory), *move.vault, "--watch", "4", "--out", path)
    assert made.returncode == 0, made.stderr
    return path


def events(move: Moving, plan: str) -> list[Body]:
    digest = json.loads(Path(plan).read_text())["digest"]
    path = move.folder / "state" / "runs" / f"rebind-{digest[:16]}" / "journal.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def bound(move: Moving) -> set[str]:
    return {name for name in BUSINESS if "kubesphere.io/workspace" in move.meta(name)["labels"]}


def test_the_plan_says_what_is_given_in_4_1s_types_and_what_is_left_behind(move: Moving) -> None:
    plan = json.loads(Path(planned(move, "look.json")).read_text())
    made = {f"{a['kind']['version']} {a['kind']['kind']} {a['name']}" for a in plan["actions"] if a["verb"] == "create"}
    assert {"v1beta1 WorkspaceTemplate ws1", "v1beta1 User li-wei", "v1beta1 RoleBinding li-wei-viewer"} <= made
    gifts = {a["name"]: a["marks"]["labels"] for a in plan["actions"] if a["verb"] == "add-marks"}
    assert gifts == {n: {"kubesphere.io/workspace": ws, "kubesphere.io/managed": "true"} for n, ws in BUSINESS.items()}
    said = [f"{each['object']} {each['why']}" for each in plan["kept"]]
    assert any(
        "WorkspaceTemplate.tenant.kubesphere.io ws1 is converted without network isolation" in each for each in said
    )
    assert HASH not in json.dumps(plan)


def test_a_workspace_that_is_deleted_with_its_namespaces_in_the_middle_costs_none(move: Moving) -> None:
    plan = planned(move, "spoilt.json")
    running, cluster = move.run.start("apply", plan, *move.vault, "--yes"), move.plane.cluster

    def begun() -> bool:
        return sum(e["event"] == "end" and e["action"].startswith("rebind-first ") for e in events(move, plan)) > 0

    assert until(begun, 120), move.run.said()
    cluster.merge_patch(WORKSPACE, "ws1", "", {"metadata": {"annotations": {PROPAGATION: "Background"}}})
    cluster.delete(WORKSPACE, "ws1")
    assert running.wait(120) == 4, move.run.said()
    assert "Workspace.tenant.kubesphere.io ws1 of host is being deleted" in move.run.said()
    assert {name: move.meta(name)["uid"] for name in BUSINESS} == move.uids
    assert bound(move) == set()
    assert not any("deletionTimestamp" in move.meta(name) for name in BUSINESS)
    assert until(lambda: cluster.get(WORKSPACE, "ws1") is None, 20)
    assert move.run("protect", "off", "--force").returncode == 0
    cluster.merge_patch(TEMPLATE, "ws1", "", {"metadata": {"annotations": {"looked": "again"}}})
    assert until(lambda: cluster.get(WORKSPACE, "ws1") is not None, 20)


def test_every_namespace_is_bound_in_4_1s_form_and_is_the_one_that_it_was(move: Moving) -> None:
    applied = move.run("apply", planned(move, "well.json"), *move.vault, "--yes")
    assert applied.returncode == 0, applied.stderr
    assert {name: move.meta(name)["uid"] for name in BUSINESS} == move.uids
    for name, workspace in BUSINESS.items():
        labels = move.meta(name)["labels"]
        assert labels["kubesphere.io/workspace"] == workspace
        assert (labels["kubesphere.io/managed"], labels["team"]) == ("true", name)
        assert move.meta(name)["finalizers"] == [CASCADING]
        assert "ownerReferences" not in move.meta(name)
        assert move.plane.cluster.get(ROLE, "admin", name) is not None


def test_people_are_there_again_with_their_passwords_roles_and_quotas(move: Moving) -> None:
    cluster, kinds = move.plane.cluster, move.plane.cluster.kinds()
    user = cluster.get(kinds["User.iam.kubesphere.io"], "li-wei") or {}
    assert (user["apiVersion"], user["spec"]["password"]) == ("iam.kubesphere.io/v1beta1", HASH)
    role = cluster.get(kinds["WorkspaceRole.iam.kubesphere.io"], "ws1-audit") or {}
    assert role["rules"][0]["resources"] == ["members"]
    binding = cluster.get(kinds["RoleBinding.iam.kubesphere.io"], "li-wei-viewer", "shop") or {}
    assert binding["subjects"] == [{"apiGroup": "iam.kubesphere.io", "kind": "User", "name": "li-wei"}]
    assert cluster.get(kinds["ResourceQuota.quota.kubesphere.io"], "ws1") is not None


def test_no_canary_is_left_and_nothing_more_is_to_be_bound(move: Moving) -> None:
    names = [body["metadata"]["name"] for body in move.plane.cluster.list(moving.NAMESPACE)]
    assert [name for name in names if name.startswith("ks-reset-canary-")] == []
    memory = next((move.folder / "state" / "runs").glob("uninstall-*/before.json.gz"))
    again = move.run("plan", "rebind", "--memory", str(memory), *move.vault)
    assert (again.returncode, "Nothing to do" in again.stdout) == (0, True), again.stdout


def test_the_stand_in_takes_every_owner_off_what_it_binds_and_lets_go_with_a_workspace_that_says_nothing(
    move: Moving,
) -> None:
    cluster = move.plane.cluster
    owner = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "name": "view"}
    labels = {"kubesphere.io/workspace": "ws3", "kubesphere.io/managed": "true"}
    move.put({"apiVersion": WORKSPACE.api_version, "kind": "Workspace", "metadata": {"name": "ws3"}})
    about = {"name": "owned", "labels": labels, "ownerReferences": [owner]}
    move.put({"apiVersion": "v1", "kind": "Namespace", "metadata": about})
    assert until(lambda: move.meta("owned").get("finalizers") == [CASCADING], 20)
    assert "ownerReferences" not in move.meta("owned")
    assert until(lambda: (cluster.get(WORKSPACE, "ws3") or {})["metadata"].get("finalizers") == [CASCADING], 20)
    cluster.delete(WORKSPACE, "ws3")
    assert until(lambda: cluster.get(WORKSPACE, "ws3") is None, 20)
    assert move.meta("owned")["labels"].keys() >= {"kubesphere.io/managed"}
    assert "kubesphere.io/workspace" not in move.meta("owned")["labels"]
    assert until(lambda: cluster.list(ROLE, "owned") == [], 20)
