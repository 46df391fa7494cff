"""An answer that says nothing: the message names the look and the same call, which goes on once it is sound."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ks_reset.cluster import transport
from ks_reset.cluster.transport import retry_patiently
from ks_reset.model import Kind
from ks_reset.report.commands import split_message
from tests.cli.test_corrected import typed
from tests.cluster.answering import ApiServer, answering, status
from tests.facts.test_permissions import KINDS

HOME = "/api/v1/namespaces/kube-system"
NAMESPACE = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "kube-system"}}
WEBHOOK = Kind(
    "admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", False
)
NOT_FOUND = json.dumps(status("NotFound")).encode()
FORBIDDEN = status("Forbidden", message='namespaces "kube-system" is forbidden: User "you" cannot get resource')


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def once(call: Callable[[], Any], _: float) -> Any:
        return retry_patiently(call, 0)

    monkeypatch.setattr(transport, "retry_patiently", once)
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))


@pytest.mark.parametrize(
    ("site", "path", "code", "data"),
    [
        ("cluster/client.py::read_identity", HOME, 404, NOT_FOUND),
        ("cluster/client.py::read_identity", HOME, 200, json.dumps(NAMESPACE).encode()),
        ("cluster/client.py::version", "/version", 404, NOT_FOUND),
        ("cluster/discovery.py::discover_types", "/api", 404, NOT_FOUND),
        ("cluster/answers.py::_require_type", HOME, 200, json.dumps(NAMESPACE | {"kind": "Pod"}).encode()),
        ("cluster/transport.py::_decoded_body", HOME, 200, b"<html>"),
        ("cluster/transport.py::_read_patiently", HOME, 503, b"later"),
        ("cluster/transport.py::_send", HOME, 302, b"elsewhere"),
        ("cluster/transport.py::_send", HOME, 401, b"who?"),
        ("cluster/transport.py::_send", HOME, 403, json.dumps(FORBIDDEN).encode()),
    ],
)
def test_the_same_call_goes_on_once_the_answer_is_sound(
    site: str, path: str, code: int, data: bytes, tmp_path: Path
) -> None:
    api = ApiServer(KINDS)
    api.lies[path] = (code, data)
    with answering(api) as server:
        words = ["doctor", "--kubeconfig", str(server.kubeconfig(tmp_path / "config")), "--context", "host"]
        exit_code, message, raised = typed(words)
        assert (exit_code, raised) == (5, site), message
        commands = [part.text for part in split_message(message) if part.is_command]
        assert commands[-1] == f"ks-reset {' '.join(words)}"
        if code not in (401, 403) and "See what answers" not in message:
            assert commands[0] == f"kubectl --kubeconfig {words[2]} --context host get namespaces"
        api.lies.clear()
        assert typed(commands[-1].split()[1:])[0] in (0, 3)


def test_the_seatbelts_are_told_once_their_types_are_listed(tmp_path: Path) -> None:
    api = ApiServer([*KINDS, WEBHOOK])
    api.lies[f"/apis/{WEBHOOK.api_version}"] = (503, b"later")
    with answering(api) as server:
        words = ["protect", "status", "--kubeconfig", str(server.kubeconfig(tmp_path / "config")), "--context", "host"]
        exit_code, message, raised = typed(words)
        assert (exit_code, raised) == (5, "workflows/protect.py::_readable_facts"), message
        commands = [part.text.split()[1:] for part in split_message(message) if part.is_command]
        assert [sorted(each) for each in commands] == [sorted(["doctor", *words[2:]]), sorted(words)]
        assert typed(commands[0])[0] == 5, "the finding says what to do about the group"
        api.lies.clear()
        assert typed(commands[1])[0] == 3, "none is on"
