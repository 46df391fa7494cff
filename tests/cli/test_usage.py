"""The command line without a cluster: usage, files, exit codes."""

import json
import shlex
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from ks_reset import facts as reading
from ks_reset.cluster import Target, connect_client
from ks_reset.cluster.connect import list_contexts as contexts_of
from ks_reset.report.commands import split_message
from tests.build import facts

WORKSPACE = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "ws1"}}


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "ks_reset", *arguments]
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "COLUMNS": "160"} | environment
    return subprocess.run(line, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def snapshot(tmp_path: Path) -> str:
    path = tmp_path / "s.json.gz"
    reading.save_snapshot(facts([WORKSPACE]), path)
    return str(path)


def test_a_plan_is_made_offline_and_shown_as_json(snapshot: str) -> None:
    done = run("plan", "--snapshot", snapshot, "--output", "json")
    assert done.returncode == 0
    actions = json.loads(done.stdout)["actions"]
    assert [(a["step"], a["name"]) for a in actions if a["verb"] == "delete"] == [("remove-tenants", "ws1")]
    assert [a["verb"] for a in actions] == ["seatbelt-on", "delete", "seatbelt-off"]


def test_a_plan_with_changes_exits_with_3_only_if_that_is_asked_for(snapshot: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    reading.save_snapshot(facts([]), empty)
    codes = [
        run("plan", "--snapshot", path, "-o", "name", *asked).returncode
        for path in (snapshot, str(empty))
        for asked in ((), ("--detailed-exitcode",))
    ]
    assert codes == [0, 3, 0, 0]


def test_names_and_yaml_are_formats_too(snapshot: str) -> None:
    assert "delete Workspace.tenant.kubesphere.io ws1" in run("plan", "--snapshot", snapshot, "--output", "name").stdout
    assert "playbook: uninstall" in run("plan", "--snapshot", snapshot, "--output", "yaml").stdout


def test_each_format_name_is_a_name_a_line(snapshot: str, tmp_path: Path) -> None:
    manifest, values = tmp_path / "installer.yaml", tmp_path / "values.yaml"
    manifest.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: kubesphere-system}\n")
    values.write_text(
        f"version: v3.3.1\nsource: {{path: installer.yaml, sha256: {sha256(manifest.read_bytes()).hexdigest()}}}\n"
    )
    text = run("feasible", str(values), "--snapshot", snapshot, "--output", "name").stdout
    assert "source" in text.splitlines()
    assert all(" " not in line and ":" not in line for line in text.splitlines()), text
    assert run("memory", "--snapshot", snapshot, "--output", "name").stdout == "", "no namespace has a Workspace"


def test_a_runbook_names_the_kubectl_equivalents(snapshot: str, tmp_path: Path) -> None:
    plan = str(tmp_path / "p.json")
    run("plan", "--snapshot", snapshot, "--out", plan)
    text = run("runbook", plan).stdout
    assert "kubectl --context host delete --raw /apis/tenant.kubesphere.io/v1alpha1/workspaces/ws1 -f -" in text
    page = run("runbook", plan, "-o", "html", "--to", str(tmp_path / "book"))
    assert (page.returncode, (tmp_path / "book" / "runbook.html").is_file()) == (0, True), page.stderr
    assert "## 1. fasten-seatbelt" in run("runbook").stdout


def test_each_flag_has_an_environment_variable(snapshot: str) -> None:
    assert run("plan", KS_RESET_SNAPSHOT=snapshot, KS_RESET_OUTPUT="name", KS_RESET_DISCARD="").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("doctor",), 2, "no kubeconfig"),
        (("doctor", "--snapshot", "/nonexistent"), 2, "cannot be read"),
        (("doctor", "--snapshot", __file__), 2, "is not a snapshot"),
        (("doctor", "--nope"), 2, "No such option"),
        (("apply", "/nonexistent"), 2, "cannot be read"),
        (("apply", __file__), 6, "is not a plan"),
        (("plan", "nope"), 2, "no playbook"),
        (("runbook", "nope.json"), 2, "no plan at"),
        (("runbook", "uninstall", "-o", "job"), 2, "ks-reset plan uninstall --out plan.json"),
        (("runbook", "a.json", "b.json"), 2, "no plan at"),
        (("plan", "reset"), 2, "Run ks-reset reset"),
        (("plan", "--snapshot", "/nonexistent", "--discard", ""), 2, "is neither KIND/NAMESPACE/NAME"),
        (("plan", "rejoin", "--join", "eu"), 2, "is not NAME=FILE"),
        (("reset", "--join", "=eu"), 2, "is not NAME=FILE"),
        (("reset",), 2, "--values FILE"),
        (("rehearse", "up", "--state", "odd"), 2, "not one of"),
        (("rehearse", "up", "nope"), 2, "no scenario"),
    ],
)
def test_bad_input_is_reported_without_a_traceback(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, "Traceback" in done.stderr, done.stdout) == (code, False, "")
    assert said in done.stderr


@pytest.mark.parametrize("text", ["", "a: [", "contexts: []", "[]", '{"contexts": [{"name": 1}]}'])
def test_an_invalid_kubeconfig_is_a_usage_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    done = run("doctor", "--kubeconfig", str(path))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr


def test_a_context_needs_no_current_one_and_the_user_it_acts_as_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "config"
    contexts = [{"name": "a", "context": {"cluster": "a", "user": "a"}}]
    servers = [{"name": "a", "cluster": {"server": "https://127.0.0.1:9"}}]
    users = [{"name": "a", "user": {"token": "t\n", "as": "auditor", "as-groups": ["readers", "all"]}}]
    path.write_text(json.dumps({"clusters": servers, "contexts": contexts, "users": users}))
    assert contexts_of(str(path)) == (["a"], "")
    headers = connect_client(Target(str(path), "a")).transport._credentials.headers()
    assert (headers["Authorization"], headers["Impersonate-User"]) == ("Bearer t", "auditor")
    assert headers.getlist("Impersonate-Group") == ["readers", "all"]
    said = connect_client(Target(str(path), "a", "root")).transport._credentials.headers()
    assert (said["Impersonate-User"], said.getlist("Impersonate-Group")) == ("root", [])


@pytest.fixture
def silent(tmp_path: Path) -> str:
    """A kubeconfig for a cluster that does not answer."""
    path = tmp_path / "config"
    server = {"name": "a", "cluster": {"server": "https://127.0.0.1:9"}}
    context = {"name": "a", "context": {"cluster": "a", "user": "a"}}
    config = {"clusters": [server], "contexts": [context], "users": [{"name": "a", "user": {}}], "current-context": "a"}
    path.write_text(json.dumps(config))
    return str(path)


def test_a_cluster_that_does_not_answer_is_unknown(silent: str) -> None:
    done = run("doctor", "--kubeconfig", silent)
    assert (done.returncode, "got no answer" in done.stderr) == (5, True), done.stderr


def typed_again(stderr: str, has: str) -> "subprocess.CompletedProcess[str]":
    """The first command in a message with these words, run as it is written there."""
    commands = [part.text for part in split_message(stderr) if part.is_command]
    command = next(each for each in commands if each.startswith("ks-reset ") and has in each)
    return run(*shlex.split(command)[1:])


def test_without_a_terminal_apply_names_the_command_that_does_not_ask(
    snapshot: str, silent: str, tmp_path: Path
) -> None:
    plan = str(tmp_path / "plan.json")
    assert run("plan", "--snapshot", snapshot, "--out", plan).returncode == 0
    refused = run("apply", plan, "--kubeconfig", silent)
    assert (refused.returncode, "no terminal" in refused.stderr) == (4, True), refused.stderr
    again = typed_again(refused.stderr, "--yes")
    assert (again.returncode, "got no answer" in again.stderr) == (5, True), again.stderr


def test_a_snapshot_for_a_file_in_another_format_names_a_command_for_each_way(silent: str, tmp_path: Path) -> None:
    refused = run("snapshot", "--out", str(tmp_path / "s.json"), "-o", "yaml", "--kubeconfig", silent)
    assert refused.returncode == 2
    for has in ("--out", "-o yaml"):
        again = typed_again(refused.stderr, has)
        assert (again.returncode, "got no answer" in again.stderr) == (5, True), again.stderr


BOUND = {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"kubesphere.io/workspace": "ws1"}}}
USER = {"apiVersion": "iam.kubesphere.io/v1alpha2", "kind": "User", "metadata": {"name": "li-wei"}}


def test_a_memory_is_shown_and_written_as_manifests_without_incomplete_objects(tmp_path: Path) -> None:
    path, folder = str(tmp_path / "s.json"), tmp_path / "out"
    odd = USER | {"metadata": {"name": "odd"}, "spec": {"lang": "sha256:0123456789abcdef"}}
    reading.save_snapshot(facts([WORKSPACE, BOUND, USER, odd]), Path(path))
    shown = run("memory", "--snapshot", path)
    assert "ws1" in shown.stdout
    assert "not whole: User.iam.kubesphere.io odd: of spec.lang only a digest was recorded" in shown.stdout
    assert [
        bond["namespace"] for bond in json.loads(run("memory", "--snapshot", path, "-o", "json").stdout)["bonds"]
    ] == ["shop"]
    assert run("memory", "--snapshot", path, "--to", str(folder)).returncode == 0
    written = [body for body in yaml.safe_load_all((folder / "host.yaml").read_text()) if body]
    assert [(body["kind"], body["metadata"]["name"]) for body in written] == [("User", "li-wei"), ("Namespace", "shop")]
    assert written[1]["metadata"]["labels"] == {"kubesphere.io/workspace": "ws1"}
    assert (folder / "host.yaml").stat().st_mode & 0o777 == 0o600


def test_a_runbook_says_how_to_create_mark_and_watch_by_hand(tmp_path: Path) -> None:
    before, now, plan = (str(tmp_path / name) for name in ("before.json", "now.json", "plan.json"))
    bare = {"kind": "Namespace", "metadata": {"name": "shop"}}
    reading.save_snapshot(facts([WORKSPACE, BOUND]), Path(before))
    reading.save_snapshot(facts([WORKSPACE, bare]), Path(now))
    planned = run("plan", "rebind", "--snapshot", now, "--memory", before, "--out", plan)
    assert planned.returncode == 0, planned.stderr
    text = run("runbook", plan).stdout
    assert "kubectl --context host patch namespaces/shop --type=strategic" in text
    assert "kubectl --context host create -f - <<< '" in text
    assert "# there, and no new UID for 660 s" in text


def test_restore_and_rebind_say_what_they_need(snapshot: str, tmp_path: Path) -> None:
    folder = str(tmp_path / "state")
    bare = run("plan", "restore", "--snapshot", snapshot)
    strange = run("plan", "restore", "--snapshot", snapshot, "--run", "uninstall-1", KS_RESET_STATE=folder)
    assert (bare.returncode, "--run NAME" in bare.stderr) == (2, True)
    assert (strange.returncode, "There is no run uninstall-1. There are: none" in strange.stderr) == (2, True)
    assert "--memory SNAPSHOT" in run("plan", "rebind", "--snapshot", snapshot).stderr


def test_reinstall_and_rejoin_say_what_they_need(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    reading.save_snapshot(facts([WORKSPACE], {"eu": []}), path)
    bare = run("plan", "reinstall", "--snapshot", str(path))
    strange = run("plan", "rejoin", "--snapshot", str(path), "--join", f"us={path}")
    missing = run("plan", "rejoin", "--snapshot", str(path), "--join", "eu=/nonexistent")
    without = run("plan", "rejoin", "--snapshot", str(path))
    assert {done.returncode for done in (bare, strange, missing, without)} == {2}
    assert "--values FILE" in bare.stderr
    assert "There is no member us to join. There are: eu" in strange.stderr
    assert "The kubeconfig /nonexistent cannot be read" in missing.stderr
    assert "--join eu=FILE" in without.stderr


def test_a_vault_needs_its_key(snapshot: str) -> None:
    alone = run("plan", "--snapshot", snapshot, "--vault", "x.age")
    assert (alone.returncode, "--vault and --identity go together" in alone.stderr) == (2, True)
