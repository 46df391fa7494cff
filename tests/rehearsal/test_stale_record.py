"""The surgical cure, while the incident runs: Workspaces stop flapping, and a namespace added to one lives."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ks_reset.catalogue.names import NAMESPACE_KIND
from ks_reset.rehearsal.fleet import RehearsalFleet
from tests.rehearsal.command import Command

pytestmark = pytest.mark.rehearsal
MakeWorld = Callable[..., RehearsalFleet]


def test_the_live_incident_is_cured_and_an_added_namespace_lives(world: MakeWorld, tmp_path: Path) -> None:
    made = world()
    made.live()
    run, plan = Command(made, tmp_path), str(tmp_path / "cure.json")
    refused = run("plan", "uninstall")
    assert (refused.returncode, "stale-record" in refused.stderr) == (4, True)
    assert run("plan", "stale-record", "--out", plan).returncode == 0
    cured = run("apply", plan, "--yes")
    assert cured.returncode == 0, cured.stderr
    uid = made.workspace_uid("ws1")
    assert uid, "kubefed has made the Workspace again"
    added = made.add_namespace("late-comer", "ws1")["metadata"]["uid"]
    made.wait("it is bound", lambda: _owners(made) == [uid])
    assert not _changes(made, uid, added, 30)
    assert made.lost() == []
    findings = json.loads(run("doctor", "-o", "json").stdout)
    assert "two-records-one-cluster" not in [finding["id"] for finding in findings]
    assert run("apply", plan, "--yes").returncode == 0


def _owners(made: RehearsalFleet) -> list[str]:
    found = made.host.get(NAMESPACE_KIND, "late-comer") or {"metadata": {}}
    return [owner["uid"] for owner in found["metadata"].get("ownerReferences") or []]


def _changes(made: RehearsalFleet, workspace: str, namespace: str, seconds: float) -> bool:
    """Whether the Workspace or the namespace is another one at any look within these seconds."""
    from ks_reset.cluster import until

    def changed() -> bool:
        found = made.host.get(NAMESPACE_KIND, "late-comer") or {"metadata": {}}
        alive = found["metadata"].get("uid") == namespace and not found["metadata"].get("deletionTimestamp")
        return not alive or made.workspace_uid("ws1") != workspace

    return until(changed, seconds)
