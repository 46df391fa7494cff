"""helm, here a script: how it is found, its version, its arguments without credentials, its errors."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ks_reset.cluster import Target
from ks_reset.errors import Correction, Refused, Stopped, Usage
from ks_reset.external import helm

FAKE = """#!/bin/sh
[ "$1" = version ] && echo "{version}" && exit
{{ echo "$@"; env; ls -l "$3"; }} > "{log}"
cat > "{log}.stdin"
echo "{says}" >&2
{ends}
"""
WAY = Target("/a/config:/b/config", "prod", "alice", ("ops", "on call"))
VALUES = {"authentication": {"adminPassword": "hunter2"}}
Fake = Callable[..., Path]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """`fake(version="v3.19.5", ends="", says="")`: a helm on PATH, and the file with its arguments and input."""

    def make(version: str = "v3.19.5", ends: str = "", says: str = "") -> Path:
        file, log = tmp_path / "helm", tmp_path / "log"
        file.write_text(FAKE.format(version=version, log=log, ends=ends, says=says))
        file.chmod(0o755)
        return log

    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv("KS_RESET_HELM", raising=False)
    return make


def install(way: Target = WAY) -> None:
    helm.install_chart(b"a chart", VALUES, way, 60, lambda _: None)


def test_helm_is_found_in_the_path_or_at_the_given_place(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake()
    assert helm.find_helm() == str(tmp_path / "helm")
    monkeypatch.setenv("KS_RESET_HELM", str(tmp_path / "helm"))
    monkeypatch.setenv("PATH", "/nowhere")
    assert helm.find_helm() == str(tmp_path / "helm")


def test_without_helm_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Usage, match=r"no helm on PATH\. .* install helm 3\.7 or newer"):
        helm.find_helm()
    monkeypatch.setenv("KS_RESET_HELM", "/no/helm")
    with pytest.raises(Usage, match="KS_RESET_HELM says /no/helm, which is no program"):
        helm.find_helm()


@pytest.mark.parametrize(("version", "said"), [("v3.6.3", "is 3.6"), ("v2.17.0", "is 2.17"), ("eh", "does not say")])
def test_a_helm_that_is_too_old_or_another_program_is_refused(fake: Fake, version: str, said: str) -> None:
    fake(version)
    with pytest.raises(Refused, match=rf"helm {said}.*Install helm 3\.7 or newer"):
        helm.find_helm()


def test_helm_gets_the_cluster_and_the_user_to_impersonate(fake: Fake) -> None:
    log = fake()
    install()
    told = log.read_text()
    assert "--kube-context=prod --kube-as-user=alice --kube-as-group=ops --kube-as-group=on call" in told
    assert "KUBECONFIG=/a/config:/b/config" in told


def test_the_operators_helm_settings_do_not_change_the_cluster(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELM_KUBEAPISERVER", "https://elsewhere")
    monkeypatch.setenv("HELM_DRIVER", "configmap")
    log = fake()
    install()
    assert "HELM_" not in log.read_text()


def test_values_go_in_on_stdin_alone_and_the_chart_in_a_file_that_goes_away(fake: Fake) -> None:
    log = fake()
    install()
    told = log.read_text()
    assert "hunter2" in log.with_suffix(".stdin").read_text()
    assert "hunter2" not in told
    file = next(word for word in told.split() if word.endswith(".tgz"))
    assert "-rw------- " in told
    assert not Path(file).exists()


def test_a_cluster_that_no_kubeconfig_leads_to_is_refused(fake: Fake) -> None:
    log = fake()
    with pytest.raises(Refused, match="helm needs a kubeconfig") as refused:
        install(Target())
    assert not log.exists()
    assert refused.value.corrections == (Correction("--context", "--context CONTEXT"),)
    install(WAY)
    assert log.exists()


def test_a_failure_is_reported_with_helms_message(fake: Fake) -> None:
    fake(ends="exit 1", says="Error: UPGRADE FAILED: another operation is in progress")
    with pytest.raises(Stopped, match=r"could not install ks-core: another operation is in progress\. What"):
        install()
    with pytest.raises(Refused, match=r"cannot render ks-core .*another operation.*Correct the values file"):
        helm.render_chart(b"a chart", VALUES, "v1.24.17")
    fake(ends="echo 'kind: Namespace'")
    assert helm.render_chart(b"a chart", VALUES, "v1.24.17")


def test_a_credential_in_helms_message_is_hidden(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    fake(
        ends="sleep 1.5; exit 1",
        says="client.go:1: now [debug] sets hunter2\nError: Invalid value: 'hunter2': too short",
    )
    with pytest.raises(Stopped, match=r"install ks-core: Invalid value: '…': too short\."):
        helm.install_chart(b"a chart", VALUES, WAY, 60, told.append)
    assert told == ["helm: sets …"]


def test_a_killed_helm_is_a_failure(fake: Fake) -> None:
    fake(ends="kill -9 $$")
    with pytest.raises(Stopped, match="it was ended by signal 9"):
        install()


def test_a_helm_over_its_time_is_killed(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm, "MORE", -59.0)
    fake(ends="sleep 30", says="client.go:1: now [debug] watching a Job")
    with pytest.raises(Stopped, match="not done after 1 s, and was ended at: watching a Job"):
        install()
