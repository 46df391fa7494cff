"""The state of the release ks-core from helm's Secrets, and the Secrets to delete before helm runs again."""

import pytest

from ks_reset.facts.helm_releases import release_revisions, release_status, revisions_to_remove
from ks_reset.model import Kind, Obj

SECRET = Kind("", "v1", "Secret", "secrets", True)


def revision(version: str, status: str, name: str = "ks-core", namespace: str = "kubesphere-system") -> Obj:
    labels = {"owner": "helm", "name": name, "version": version, "status": status}
    meta = {"name": f"sh.helm.release.v1.{name}.v{version}", "namespace": namespace, "labels": labels}
    return Obj(SECRET, {"metadata": meta})


def release(*statuses: str) -> list[Obj]:
    return [revision(str(version), status) for version, status in enumerate(statuses, 1)]


def numbers(secrets: list[Obj]) -> list[str]:
    return [secret.labels["version"] for secret in secrets]


def test_revisions_are_in_the_order_of_their_numbers_and_the_newest_says_the_state() -> None:
    shuffled = [revision("10", "deployed"), revision("9", "superseded"), revision("2", "failed")]
    assert numbers(release_revisions(shuffled)) == ["2", "9", "10"]
    assert release_status(shuffled) == "deployed"
    assert release_status([]) == ""


def test_other_releases_and_other_secrets_are_left_out() -> None:
    others = [
        revision("1", "pending-install", name="shop"),
        revision("1", "pending-install", namespace="shop"),
        revision("latest", "pending-install"),
        Obj(SECRET, {"metadata": {"name": "ks-core", "namespace": "kubesphere-system", "labels": {"name": "ks-core"}}}),
    ]
    assert release_revisions(others) == []
    assert revisions_to_remove(others) == []


@pytest.mark.parametrize(
    ("statuses", "go"),
    [
        (["deployed"], []),
        (["superseded", "deployed"], []),
        (["deployed", "failed"], []),
        (["uninstalled"], []),
        (["pending-install"], ["1"]),
        (["failed"], ["1"]),
        (["failed", "failed", "pending-upgrade"], ["3", "2", "1"]),
        (["deployed", "pending-upgrade"], ["2"]),
        (["deployed", "failed", "pending-rollback"], ["3"]),
        (["superseded", "pending-upgrade"], ["2"]),
        (["pending-install", "deployed"], []),
        (["uninstalling"], ["1"]),
        (["superseded", "uninstalling"], ["2", "1"]),
    ],
)
def test_an_interrupted_revision_is_deleted_and_so_is_a_release_that_never_worked(
    statuses: list[str], go: list[str]
) -> None:
    assert numbers(revisions_to_remove(release(*statuses))) == go
