"""Commands against an API server that answers one request with something else: no such answer is a clean cluster."""

import json
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import urllib3

from ks_reset.catalogue.names import ACCESS_REVIEW_KIND, CONFIG_MAP_KIND
from ks_reset.cli import main
from ks_reset.cluster import Client
from ks_reset.cluster.transport import Transport
from ks_reset.errors import ResetError, Unknown
from ks_reset.model import Kind
from tests.cluster.answering import NAMESPACE, Answer, ApiServer, Server, answering, list_of, status

WORKSPACE = Kind("tenant.kubesphere.io", "v1alpha1", "Workspace", "workspaces", False)
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
SECRET = Kind("", "v1", "Secret", "secrets", True)
KINDS = [WORKSPACE, DEPLOYMENT, SECRET]
DISCOVERY = ["/api", "/apis", "/api/v1", "/apis/apps/v1", "/apis/tenant.kubesphere.io/v1alpha1"]
OBJECTS = [
    "/api/v1/namespaces/kube-system",
    "/api/v1/namespaces/kubesphere-system/configmaps/kubesphere-config",
    "/version",
]
LISTS = ["/api/v1/namespaces", SECRET.path(), DEPLOYMENT.path(), WORKSPACE.path()]
REVIEW = ACCESS_REVIEW_KIND.path()
UID = {"name": "a", "uid": "u"}


def told(body: object) -> Answer:
    return 200, json.dumps(body).encode()


ANYWHERE: dict[str, Answer] = {
    "nothing": (200, b""),
    "no content": (204, b""),
    "an empty object": told({}),
    "null": told(None),
    "an array": told([]),
    "a Status": told(status("NotFound", message="no")),
    "a success": told({"kind": "Status", "apiVersion": "v1", "status": "Success"}),
    "a page": (200, b"<html>\x1b[31mSign in</html>"),
    "half of it": (200, b'{"kind":"'),
    "deep nesting": (200, b'{"a":' * 5000),
    "no text": (200, b'{"kind":"\xff"}'),
    "a redirection": (302, b""),
    "another list": told(list_of("Widget", "shop.example.com/v1")),
    "a list of nothing": told({"items": []}),
}
IN_LISTS: dict[str, Answer] = {
    "another group": told({"kind": "{kind}List", "apiVersion": "shop.example.com/v1", "items": []}),
    "no apiVersion": told({"kind": "{kind}List", "items": []}),
    "no items": told({"kind": "{kind}List", "apiVersion": "{version}"}),
    "null items": told({"kind": "{kind}List", "apiVersion": "{version}", "items": None}),
    "items by name": told({"kind": "{kind}List", "apiVersion": "{version}", "items": {}}),
    "an item of text": told({"kind": "{kind}List", "apiVersion": "{version}", "items": ["a"]}),
    "no name": told({"kind": "{kind}List", "apiVersion": "{version}", "items": [{"metadata": {"uid": "u"}}]}),
    "no UID": told({"kind": "{kind}List", "apiVersion": "{version}", "items": [{"metadata": {"name": "a"}}]}),
    "one UID twice": told({"kind": "{kind}List", "apiVersion": "{version}", "items": [{"metadata": UID}] * 2}),
    "a Table": told({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "rows": [], "items": []}),
    "no end": told(
        {"kind": "{kind}List", "apiVersion": "{version}", "metadata": {"continue": "t"}, "items": []},
    ),
    "items of another kind": told(
        {
            "kind": "{kind}List",
            "apiVersion": "{version}",
            "metadata": {},
            "items": [{"kind": "Widget", "apiVersion": "{version}", "metadata": UID}],
        }
    ),
    "items of another group": told(
        {
            "kind": "{kind}List",
            "apiVersion": "{version}",
            "metadata": {},
            "items": [{"kind": "{kind}", "apiVersion": "shop.example.com/v1", "metadata": UID}],
        }
    ),
    "no metadata": told({"kind": "{kind}List", "apiVersion": "{version}", "items": []}),
    "items that remain": told(
        {"kind": "{kind}List", "apiVersion": "{version}", "metadata": {"remainingItemCount": 3}, "items": []},
    ),
    "false as token": told(
        {"kind": "{kind}List", "apiVersion": "{version}", "metadata": {"continue": False}, "items": []},
    ),
    "a number as token": told(
        {"kind": "{kind}List", "apiVersion": "{version}", "metadata": {"continue": 7}, "items": []},
    ),
}
FEW = ["nothing", "an empty object", "a Status", "another list"]


def exit_code(server: Server, folder: Path, patch: pytest.MonkeyPatch, command: str) -> int:
    """The exit code of one command in this process; verify compares with a baseline of the truthful server."""
    baseline = folder / "baseline.json"
    if command == "verify" and not baseline.exists():
        with answering(ApiServer(KINDS)) as truthful:
            assert run_command(truthful, folder, patch, "snapshot", "--out", str(baseline)) == 0
    return run_command(server, folder, patch, command, *(("--baseline", str(baseline)) if command == "verify" else ()))


def run_command(server: Server, folder: Path, patch: pytest.MonkeyPatch, *command: str) -> int:
    with patch.context() as context:
        context.setenv("KUBECONFIG", str(server.kubeconfig(folder / "kubeconfig")))
        context.setenv("KS_RESET_STATE", str(folder))
        context.setattr(signal, "signal", lambda *_: None)
        context.setattr(sys, "argv", ["ks-reset", *command])
        with pytest.raises(SystemExit) as left:
            main()
    return int(left.value.code or 0)


@pytest.mark.parametrize("command", ["doctor", "plan", "verify"])
def test_a_truthful_cluster_without_kubesphere_is_clean(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = ApiServer(KINDS)
    with answering(api) as server:
        assert exit_code(server, tmp_path, monkeypatch, command) == 0
    assert {f"GET {path}" for path in DISCOVERY + OBJECTS + LISTS} == set(api.asked)


@pytest.mark.parametrize("path", DISCOVERY + OBJECTS + LISTS)
@pytest.mark.parametrize("command", ["doctor", "plan", "verify"])
def test_an_answer_of_another_shape_is_unknown(
    command: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = ApiServer(KINDS)
    with answering(api) as server:
        for name in FEW if command == "verify" else FEW[:2]:
            api.lies = {path: ANYWHERE[name]}
            assert exit_code(server, tmp_path, monkeypatch, command) == 5, (name, capsys.readouterr())


@pytest.mark.parametrize("lie", ANYWHERE)
def test_anything_but_a_list_is_unknown(
    lie: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = ApiServer(KINDS)
    api.lies = {WORKSPACE.path(): ANYWHERE[lie]}
    with answering(api) as server:
        code = exit_code(server, tmp_path, monkeypatch, "verify")
    said = "".join(capsys.readouterr())
    assert code == 5, said
    assert "\x1b[31mSign" not in said


@pytest.mark.parametrize("lie", ANYWHERE)
def test_no_request_of_a_client_takes_anything_else_for_its_answer(lie: str) -> None:
    api = ApiServer(KINDS)
    with answering(api) as server:
        for path in [*DISCOVERY, *OBJECTS, *LISTS, REVIEW]:
            api.lies = {path: ANYWHERE[lie]}
            assert _unknown_requests(server.url) == 1, path


def _unknown_requests(url: str) -> int:
    """How many of all requests of a command are unknown; a group without an answer counts too."""
    transport = Transport(urllib3.PoolManager(), url, urllib3.HTTPHeaderDict, timeout=2, patience=0)
    cluster = Client(transport, "test")
    requests: list[Callable[[], object]] = [
        lambda: cluster.identity,
        lambda: cluster.version,
        lambda: cluster.get(CONFIG_MAP_KIND, "kubesphere-config", "kubesphere-system"),
        lambda: cluster.is_allowed("get", WORKSPACE),
        *(partial(cluster.list, kind) for kind in (NAMESPACE, DEPLOYMENT, WORKSPACE)),
        partial(cluster.list, SECRET, metadata_only=True),
    ]
    unknown = 0
    for request in requests:
        try:
            request()
        except ResetError:
            unknown += 1
    try:
        return unknown + len(cluster.discover().gaps)
    except Unknown:
        return unknown + 1


@pytest.mark.parametrize("lie", IN_LISTS)
def test_a_list_of_another_shape_is_unknown(
    lie: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = ApiServer(KINDS)
    with answering(api) as server:
        for kind in (WORKSPACE, SECRET):
            code, data = IN_LISTS[lie]
            text = data.decode().replace("{kind}", kind.kind).replace("{version}", kind.api_version)
            api.lies = {kind.path(): (code, text.encode())}
            assert exit_code(server, tmp_path, monkeypatch, "verify") == 5, capsys.readouterr()
