"""Completion: of commands, playbooks, contexts, members and runs, also as kubectl asks for it."""

import json
from pathlib import Path

import pytest

from ks_reset.cli.completion import kubectl_main

CONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "prod",
    "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("prod", "test-admin")],
    "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {}}],
}


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(json.dumps(CONFIG))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    run = tmp_path / "runs" / "2026-uninstall"
    run.mkdir(parents=True)
    (run / "plan.json").write_text("{}")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["ver"], ["verify", ":4"]),
        (["plan", "sta"], ["stale-record", ":4"]),
        (["plan", "--context", "p"], ["prod", ":4"]),
        (["plan", "--member", "eu=te"], ["eu=test-admin", ":4"]),
        (["plan", "restore", "--run", ""], ["2026-uninstall", ":4"]),
        (["runs", ""], ["list", "show", "logs", ":4"]),
        (["runs", "show", ""], ["2026-uninstall", ":4"]),
        (["runs", "logs", "20"], ["2026-uninstall", ":4"]),
        (["report", ""], ["2026-uninstall", ":4"]),
        (["ru"], ["runbook", "runs", ":4"]),
        (["apply", ""], [":0"]),
    ],
)
def test_kubectl_gets_the_words_and_a_directive(
    words: list[str], answer: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("_KS_RESET_COMPLETE", "COMP_WORDS", "COMP_CWORD"):
        monkeypatch.setenv(name, "")  # so that what kubectl_main sets is taken away again
    monkeypatch.setattr("sys.argv", ["kubectl_complete-ks_reset", *words])
    kubectl_main()
    assert capsys.readouterr().out.split() == answer


def test_a_kubeconfig_that_cannot_be_read_completes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config").write_text("{")
    test_kubectl_gets_the_words_and_a_directive(["plan", "--context", ""], [":0"], monkeypatch, capsys)
