"""An earlier run on this host remembers its accounts; a newer binding of that name is another join."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from ks_reset.facts.join_accounts import foreign_joins
from ks_reset.journal import Journal
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.file import SCHEMA
from ks_reset.workflows.plan import checked_plan
from ks_reset.workflows.remembered_joins import with_remembered_joins
from tests.build import facts
from tests.shorthand import expand_dial, expand_object

BINDING = "ClusterRoleBinding kubefed-controller-manager:old-host"
SUBJECT = {"kind": "ServiceAccount", "namespace": "kube-federation-system", "name": "old-host"}
HOST: list[Any] = [
    {"Deployment kube-federation-system/kubefed-controller-manager": {"replicas": 1}},
    "KubeFedCluster test -> test",
    "Cluster test",
]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))


def fleet(created: str = "2025-12-01T00:00:00Z", *, stale: bool = False, read: bool = True) -> FleetFacts:
    binding: dict[str, Any] = {BINDING: {"subjects": [SUBJECT], "creationTimestamp": created}}
    dials: list[Any] = [{"test -> test": {"account": "test-kubesphere"}}]
    dials += [{"old -> test": {"account": "old-host"}}] if stale else []
    rows = [*HOST, *(["KubeFedCluster old -> test"] if stale else [])]
    members = {"test": [expand_object(binding)]} if read else {}
    return facts([expand_object(row) for row in rows], members, [expand_dial(dial) for dial in dials])


def run_of(known: FleetFacts) -> Plan:
    plan = planning.make_plan(playbooks.load_playbook("stale-record"), known, Options())
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
        journal.note_event("done", writes=1)
    return plan


@pytest.mark.parametrize("read", [True, False], ids=["member read", "member not read"])
def test_an_account_of_a_record_deleted_by_an_earlier_run_is_this_hosts(read: bool) -> None:
    now = fleet()
    assert foreign_joins(now, now.members[0], Options())
    assert "uid-of-test/old-host" in run_of(fleet(stale=True, read=read)).material.joins
    assert not foreign_joins(now, now.members[0], with_remembered_joins(now, Options()))
    assert checked_plan(playbooks.load_playbook("uninstall"), now, Options()).material.joins


def test_a_binding_newer_than_that_run_is_of_another_host() -> None:
    now = fleet("2026-02-01T00:00:00Z")
    run_of(fleet(stale=True))
    assert foreign_joins(now, now.members[0], with_remembered_joins(now, Options()))


def test_a_run_of_another_host_or_of_another_version_is_not_counted(tmp_path: Path) -> None:
    known = fleet(stale=True)
    run_of(structs.replace(known, host=structs.replace(known.host, identity="uid-of-another")))
    assert with_remembered_joins(fleet(), Options()).material.joins == ()
    run_of(known)
    for path in tmp_path.glob("runs/*/plan.json"):
        path.write_text(path.read_text().replace(f'"schema": {SCHEMA}', '"schema": 5'))
    assert with_remembered_joins(fleet(), Options()).material.joins == ()
