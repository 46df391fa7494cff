"""In a pod: the account of the pod, where no kubeconfig is named."""

import json
from pathlib import Path

import pytest

from ks_reset.cluster import Target, connect_client, incluster
from ks_reset.errors import Unknown, Usage
from ks_reset.rehearsal.plane.certs import make_certificates


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files and the environment of a pod with a ServiceAccount, and no kubeconfig."""
    account = tmp_path / "account"
    account.mkdir()
    make_certificates(tmp_path)
    (account / "token").write_text("t1\n")
    (account / "ca.crt").write_bytes((tmp_path / "ca.crt").read_bytes())
    monkeypatch.setattr(incluster, "ACCOUNT", account)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    return account


def kubeconfig(folder: Path) -> str:
    path = folder / "config"
    server = {"name": "a", "cluster": {"server": "https://127.0.0.1:9"}}
    context = {"name": "a", "context": {"cluster": "a", "user": "a"}}
    users = [{"name": "a", "user": {"token": "t"}}]
    path.write_text(json.dumps({"clusters": [server], "contexts": [context], "users": users, "current-context": "a"}))
    return str(path)


def test_without_a_kubeconfig_a_pod_reaches_its_own_cluster(pod: Path) -> None:
    client = connect_client(Target())
    assert (client.context, client.server) == ("in-cluster", "https://10.0.0.1:443")
    assert client.transport._credentials.headers()["Authorization"].lower() == "bearer t1"


def test_a_kubeconfig_wins_until_the_own_cluster_is_named(pod: Path, tmp_path: Path) -> None:
    config = kubeconfig(tmp_path)
    assert connect_client(Target(config)).context == "a"
    assert (
        connect_client(Target(config, "in-cluster", "auditor")).transport._credentials.headers()["Impersonate-User"]
        == "auditor"
    )


def test_another_context_needs_a_kubeconfig_and_outside_a_pod_nothing_changes(
    pod: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Usage, match="There is no kubeconfig"):
        connect_client(Target("", "prod"))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST")
    with pytest.raises(Usage, match="There is no kubeconfig"):
        connect_client(Target())


def test_an_unusable_account_is_unknown_and_says_the_way_on(pod: Path) -> None:
    (pod / "ca.crt").write_text("no certificate")
    with pytest.raises(Unknown, match=r"Nothing was sent.*ks-reset doctor --kubeconfig FILE"):
        connect_client(Target())
    (pod / "token").write_text("")
    with pytest.raises(Unknown, match=r"Token file exists but empty.*automountServiceAccountToken"):
        connect_client(Target())
