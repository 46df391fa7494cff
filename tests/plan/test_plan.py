"""Plans: saved, loaded, compared with fresh facts, refused if invalid."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from ks_reset.apply.remaining import remaining_actions
from ks_reset.errors import Stale, Unknown, Usage
from ks_reset.model import Action, Options, Plan
from ks_reset.plan import file as plan_file
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.file import OtherSchema
from ks_reset.workflows.plan import checked_plan
from tests.build import Rows, asked, facts

MARKED = {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"kubesphere.io/workspace": "ws1"}}}
WORKSPACE = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "ws1"}}
WORLD: Rows = [MARKED, WORKSPACE]


def made(rows: Rows) -> Plan:
    return planning.make_plan(playbooks.load_playbook("uninstall"), facts(rows), Options())


def still(approved: Plan, rows: Rows, dials: Rows | None = None) -> list[Action]:
    """The remaining actions of a plan with these facts."""
    known = facts(rows, dials=dials)
    return remaining_actions(
        approved, planning.make_plan(playbooks.load_playbook(approved.playbook), known, approved.options), known
    )


def test_a_saved_plan_is_loaded_as_it_was(tmp_path: Path) -> None:
    plan, path = made(WORLD), tmp_path / "plan.json"
    plan_file.save_plan(plan, path)
    assert plan_file.load_plan(path) == plan
    assert path.stat().st_mode & 0o777 == 0o600


def test_any_changed_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan_file.save_plan(made(WORLD), path)
    data = path.read_bytes()
    for index in range(0, len(data), 7):
        path.write_bytes(data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :])
        with pytest.raises(Stale):
            plan_file.load_plan(path)


def test_a_plan_of_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan_file.save_plan(structs.replace(made(WORLD), schema=99), path)
    with pytest.raises(Stale, match="schema 99"):
        plan_file.load_plan(path)


def test_a_plan_of_schema_5_is_refused_with_the_command_that_makes_a_new_one(tmp_path: Path) -> None:
    path, kind = tmp_path / "plan.json", {"group": "", "version": "v1", "kind": "Namespace"}
    action = {"verb": "strip", "step": "sever", "cluster": "uid", "kind": kind, "name": "shop", "gift": {}}
    path.write_text(json.dumps({"schema": 5, "playbook": "rebind", "options": {}, "actions": [action]}))
    with pytest.raises(OtherSchema, match=r"schema 5, and this version reads schema 10\. .*ks-reset plan rebind"):
        plan_file.load_plan(path)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"schema": 6, "playbook": "\xff"}', b"\x1f\x8b\x08\x00"])
def test_a_file_that_is_not_a_plan_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(data)
    with pytest.raises(Stale, match="is not a plan that ks-reset wrote"):
        plan_file.load_plan(path)


def test_a_file_of_another_program_is_not_named_as_the_place_for_a_new_plan(tmp_path: Path) -> None:
    for name, new in (("hosts", "plan.json"), ("my plan.json", f"'{tmp_path}/my plan.json'")):
        (tmp_path / name).write_text("127.0.0.1 localhost")
        with pytest.raises(Stale) as stale:
            plan_file.load_plan(tmp_path / name)
        assert str(stale.value).endswith(f"Make a new one: ks-reset plan PLAYBOOK --out {new}.")


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="cannot be read"):
        plan_file.load_plan(tmp_path / "none.json")


def test_clean_facts_make_an_empty_plan() -> None:
    assert made([{"kind": "Namespace", "metadata": {"name": "kubesphere-demo"}}]).actions == ()


def test_a_finished_action_does_not_remain() -> None:
    left = [action for action in still(made(WORLD), [WORKSPACE]) if action.writes]
    assert [action.target for action in left] == ["Workspace.tenant.kubesphere.io ws1"]


def test_an_action_that_was_not_approved_stops_the_run() -> None:
    late = MARKED | {"metadata": MARKED["metadata"] | {"name": "late"}}
    with pytest.raises(Stale, match="Namespace late, which is not in the plan"):
        still(made(WORLD), [*WORLD, late])


def test_a_recreated_object_stops_the_run() -> None:
    anew = WORKSPACE | {"metadata": {"name": "ws1", "uid": "another"}}
    with pytest.raises(Stale, match="another UID than planned"):
        still(made(WORLD), [MARKED, anew])


def test_a_later_object_of_a_type_approved_for_deletion_is_deleted_too() -> None:
    names = {"kind": "Workspace", "plural": "workspaces"}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "workspaces.tenant.kubesphere.io"},
        "spec": {"group": "tenant.kubesphere.io", "names": names},
    }
    late = WORKSPACE | {"metadata": {"name": "ws2", "finalizers": ["finalizers.tenant.kubesphere.io"]}}
    left = still(made([*WORLD, crd]), [*WORLD, crd, late])
    assert "Workspace.tenant.kubesphere.io ws2" in [action.target for action in left]


def record(name: str) -> dict[str, Any]:
    about = {"secretRef": {"name": f"{name}-secret"}}
    meta = {"name": name, "namespace": "kube-federation-system"}
    return {"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster", "metadata": meta, "spec": about}


RECORDS: Rows = [record("old"), record("new"), {"apiVersion": "cluster.kubesphere.io/v1alpha1", "kind": "Cluster"}]
RECORDS[2] |= {"metadata": {"name": "new"}}
SECRET = {"kind": "Secret", "metadata": {"name": "old-secret", "namespace": "kube-federation-system"}}
DIALS: Rows = [{"record": "old", "identity": "host"}, {"record": "new", "identity": "host"}]


def cure() -> Plan:
    return planning.make_plan(
        playbooks.load_playbook("stale-record"), facts([*RECORDS, SECRET], dials=DIALS), Options()
    )


def test_an_approved_deletion_that_is_no_longer_planned_stops_the_run() -> None:
    failed = [{"record": "old", "reach": "credentials refused", "endpoint": "https://elsewhere"}, DIALS[1]]
    assert {a.name for a in cure().actions if a.verb == "delete"} == {"old", "old-secret"}
    with pytest.raises(Stale, match="kube-federation-system/old was approved"):
        still(cure(), [*RECORDS, SECRET], failed)


def test_a_silent_record_is_identified_by_its_address() -> None:
    failed = [{"record": "old", "reach": "unreachable", "endpoint": "https://host"}, DIALS[1]]
    assert "old" in [a.name for a in still(cure(), [*RECORDS, SECRET], failed) if a.verb == "delete"]


def test_the_secret_of_a_record_that_is_gone_already_still_goes() -> None:
    left = still(cure(), [*RECORDS[1:], SECRET], DIALS[1:])
    assert [a.name for a in left if a.verb == "delete"] == ["old-secret"]
    assert [a for a in still(cure(), RECORDS[1:], DIALS[1:]) if a.verb == "delete"] == []


def test_of_two_groups_of_records_one_may_be_detected_and_the_other_named() -> None:
    rows = [*RECORDS, record("a"), record("b")]
    dials = [*DIALS, {"record": "a", "identity": "test"}, {"record": "b", "identity": "test"}]
    plan = planning.make_plan(playbooks.load_playbook("stale-record"), facts(rows, dials=dials), asked(records=("b",)))
    assert [a.name for a in plan.actions if a.verb == "delete"] == ["old", "b"]


def test_an_empty_plan_is_not_reported_while_the_cluster_of_a_record_is_unknown() -> None:
    known = facts(RECORDS[1:], dials=[DIALS[1], {"record": "far", "reach": "credentials refused"}])
    for name in ("stale-record", "defuse"):
        with pytest.raises(Unknown, match="what the record far reaches is not known"):
            checked_plan(playbooks.load_playbook(name), known, Options())
    assert checked_plan(playbooks.load_playbook("defuse"), facts(RECORDS[1:], dials=DIALS[1:]), Options()).actions == ()


def test_nothing_is_deleted_twice() -> None:
    deleted = [action.uid for action in made(WORLD).actions if action.verb == "delete"]
    assert len(deleted) == len(set(deleted))
