"""Read-only commands send reads alone; an impossible request ends in one sentence and its exit code."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from ks_reset.cluster import Client
from ks_reset.model import Kind
from ks_reset.rehearsal import scenario
from tests.rehearsal import audit
from tests.rehearsal.command import Command

pytestmark = pytest.mark.rehearsal
RBAC = "rbac.authorization.k8s.io"
ROLE = Kind(RBAC, "v1", "ClusterRole", "clusterroles", False)
BINDING = Kind(RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings", False)


class Armed(Struct):
    """A world, unchanged by these tests."""

    run: Command
    plan: Path
    folder: Path


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Armed]:
    folder = tmp_path_factory.mktemp("armed")
    with scenario.run_scenario("incident", "1.24.17", print, folder / "world") as world:
        world.arm()
        _viewer(world.clusters.values())
        run, plan = Command(world, folder), folder / "plan.json"
        assert run("plan", "uninstall", "--out", str(plan)).returncode == 0
        yield Armed(run, plan, folder)
        assert audit.writes(folder) == 0, "no command in this file may write"


def _viewer(clusters: Iterable[Client]) -> None:
    """A user with read access alone, on every cluster."""
    subject = {"kind": "User", "name": "reader", "apiGroup": RBAC}
    role = {"kind": "ClusterRole", "name": "reader", "apiGroup": RBAC}
    rules = [{"verbs": ["get", "list"], "apiGroups": ["*"], "resources": ["*"]}]
    for cluster in clusters:
        cluster.create(ROLE, {"metadata": {"name": "reader"}, "rules": rules})
        cluster.create(BINDING, {"metadata": {"name": "reader"}, "roleRef": role, "subjects": [subject]})


def test_doctor_plan_verify_and_snapshot_send_reads_alone(armed: Armed, tmp_path: Path) -> None:
    codes = [
        armed.run("doctor").returncode,
        armed.run("plan", "uninstall").returncode,
        armed.run("plan", "stale-record").returncode,
        armed.run("verify").returncode,
        armed.run("snapshot", "--out", str(tmp_path / "s.json.gz")).returncode,
    ]
    assert codes == [3, 0, 0, 5, 0]
    assert set(audit.verbs(armed.folder)) <= {"get", "list", "review"}
    assert sum(audit.verbs(armed.folder).values()) > 500


def test_doctor_names_the_stale_record_by_dialled_identity(armed: Armed) -> None:
    found = {f["id"]: f for f in json.loads(armed.run("doctor", "-o", "json").stdout)}
    finding = found["two-records-one-cluster"]
    identities = [e["value"] for e in finding["evidence"] if e["field"].startswith("kube-system UID")]
    assert finding["certainty"] == "dialled"
    assert len(identities) == 2
    assert len(set(identities)) == 1
    assert "produce-trt" in finding["cure"]
    assert all(name in finding["next"] for name in ("ws1", "shop-orders", "customer-care"))


def test_doctor_and_plan_work_offline_on_a_snapshot(armed: Armed, tmp_path: Path) -> None:
    snapshot, offline = str(tmp_path / "s.json"), str(tmp_path / "offline.json")
    assert armed.run("snapshot", "--out", snapshot).returncode == 0
    nowhere = {"KUBECONFIG": "/nonexistent"}
    assert armed.run("doctor", "--snapshot", snapshot, **nowhere).returncode == 3
    assert armed.run("plan", "--snapshot", snapshot, "--out", offline, **nowhere).returncode == 0
    online, saved = json.loads(armed.plan.read_text()), json.loads(Path(offline).read_text())
    assert [a["name"] for a in saved["actions"]] == [a["name"] for a in online["actions"]]


def test_a_snapshot_holds_no_credential_of_the_scenario(armed: Armed, tmp_path: Path) -> None:
    snapshot = tmp_path / "s.json"
    armed.run("snapshot", "--out", str(snapshot))
    world, text = armed.run.world, snapshot.read_text() + armed.plan.read_text()
    secrets = [s for c in world.clusters.values() for s in c.list(c.kinds()["Secret"])]
    values = [v for s in secrets for k, v in (s.get("data") or {}).items() if k not in ("ca.crt", "namespace")]
    assert len(values) > 20
    assert [value for value in values if value in text] == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("doctor", "--context", "nowhere"), 2, "no context 'nowhere'"),
        (("doctor", "--as", "nobody"), 5, "403"),
        (("plan", "uninstal"), 2, "no playbook 'uninstal'"),
        (("plan", "--member", "test=host"), 2, "the same cluster"),
        (("apply", "PLAN", "--yes", "--as", "reader"), 4, "permission"),
        (("apply", "PLAN", "--yes", "--context", "test", "--member", "test=host"), 6, "plan is for the host"),
        (("apply", "PLAN"), 4, "no terminal"),
        (("apply", "--yes"), 2, "saved plan"),
    ],
)
def test_bad_input_is_one_sentence_with_its_exit_code(
    armed: Armed, arguments: tuple[str, ...], code: int, said: str
) -> None:
    given = [str(armed.plan) if a == "PLAN" else a for a in arguments]
    environment = {"KS_RESET_MEMBER": ""} if "--member" in arguments else {}
    done = armed.run(*given, **environment)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stderr


def test_an_uninstall_that_forgets_a_member_is_refused(armed: Armed) -> None:
    done = armed.run("plan", "uninstall", KS_RESET_MEMBER="")
    assert done.returncode == 4
    assert "--member test=CONTEXT" in done.stderr


@pytest.mark.parametrize("position", [0.1, 0.5, 0.9])
def test_a_plan_with_one_byte_changed_is_refused(armed: Armed, tmp_path: Path, position: float) -> None:
    data = bytearray(armed.plan.read_bytes())
    data[int(len(data) * position)] ^= 1
    changed = tmp_path / "changed.json"
    changed.write_bytes(bytes(data))
    done = armed.run("apply", str(changed), "--yes")
    assert (done.returncode, "Traceback" in done.stderr) == (6, False), done.stderr
