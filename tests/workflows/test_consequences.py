"""The consequences of a plan by name: whose each object is, and what becomes of volumes."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset.errors import Refused
from ks_reset.model import Delete, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.report.commands import split_message
from ks_reset.report.plan import _lines_of_loss, totals_line
from ks_reset.report.plan_names import deletion_lines, lines_on_no_return
from ks_reset.simulation import foresee_consequences
from ks_reset.verify import compare_bystanders
from ks_reset.workflows.plan import checked_plan
from tests.build import asked, facts
from tests.docs.test_pages import unknown_words
from tests.shorthand import expand_case

SYSTEM = "kubesphere-system"
CLAIM = {"namespace": SYSTEM, "name": "minio", "uid": f"uid-of-PersistentVolumeClaim-{SYSTEM}-minio"}
NAMESPACE = {f"Namespace {SYSTEM}": {"spec": {"finalizers": ["kubernetes"]}}}


def planned(*short: Any, **request: Any) -> Plan:
    known = facts(expand_case({"host": [NAMESPACE, *short]})["host"])
    return checked_plan(playbooks.load_playbook("uninstall"), known, asked(**request))


def volume(policy: str, size: str = "20Gi") -> dict[str, Any]:
    spec = {"persistentVolumeReclaimPolicy": policy, "capacity": {"storage": size}, "claimRef": CLAIM}
    return {f"PersistentVolume of-{policy}": {"spec": spec}}


def test_a_volume_that_follows_its_claim_is_named_as_lost_with_size_policy_and_claim() -> None:
    plan = planned(f"PersistentVolumeClaim {SYSTEM}/minio", volume("Delete"), data=[SYSTEM])
    effect = next(e for e in plan.foreseen if e.object == "PersistentVolume of-Delete")
    assert (effect.fate, effect.whose, effect.uid) == ("deleted", "given up", "uid-of-PersistentVolume--of-Delete")
    line = next(line for line in _lines_of_loss(plan) if "PersistentVolume of-Delete" in line)
    assert all(part in line for part in ("20Gi", "reclaim policy Delete", f"claim {SYSTEM}/minio is gone"))
    assert "2 given up by a flag" in totals_line(plan)
    assert "none of them a user's" not in totals_line(plan)


def test_a_retained_volume_stays_and_the_plan_says_how_to_find_it() -> None:
    plan = planned(f"PersistentVolumeClaim {SYSTEM}/minio", volume("Retain"), data=[SYSTEM])
    assert [e.object for e in plan.foreseen if e.object.startswith("PersistentVolume ")] == []
    kept = next(kept for kept in plan.kept if kept.object == "PersistentVolume of-Retain")
    assert "Released" in kept.why
    assert "kubectl --context host get persistentvolume of-Retain" in kept.why


def test_a_volume_of_a_claim_that_no_flag_gives_up_stops_the_plan() -> None:
    with pytest.raises(Refused, match="PersistentVolumeClaim kubesphere-system/minio"):
        planned(f"PersistentVolumeClaim {SYSTEM}/minio", volume("Delete"))


def test_the_volume_is_no_lost_bystander_afterwards() -> None:
    rows = [NAMESPACE, f"PersistentVolumeClaim {SYSTEM}/minio", volume("Delete")]
    before, after = (facts(expand_case({"host": part})["host"]) for part in (rows, ["Pod"]))
    plan = planned(*rows[1:], data=[SYSTEM])
    assert compare_bystanders(before, after, [plan]).changes == ()


def test_an_object_of_unknown_origin_stops_the_plan_until_a_flag_names_it() -> None:
    with pytest.raises(Refused, match=f"--discard ConfigMap/{SYSTEM}/my-notes") as refused:
        planned(f"ConfigMap {SYSTEM}/my-notes")
    assert f"kubectl --context host -n {SYSTEM} get configmaps/my-notes -o yaml" in str(refused.value)
    plan = planned(f"ConfigMap {SYSTEM}/my-notes", discard=[f"ConfigMap/{SYSTEM}/my-notes"])
    assert [line for line in _lines_of_loss(plan) if f"ConfigMap {SYSTEM}/my-notes (given up by a flag)" in line]
    assert "1 given up by a flag" in totals_line(plan)


def test_the_sentence_counts_whose_the_objects_are() -> None:
    plan = planned(f"ConfigMap {SYSTEM}/kubesphere-config", f"ServiceAccount {SYSTEM}/default")
    assert "2 follow from that (1 KubeSphere's, 1 made by controllers), none of them a user's" in totals_line(plan)


def test_namespaces_records_and_webhooks_that_go_are_named() -> None:
    hook = {
        "name": "users.iam.kubesphere.io",
        "clientConfig": {"service": {"namespace": SYSTEM, "name": "ks-controller-manager"}},
    }
    webhooks = {"ValidatingWebhookConfiguration users.iam.kubesphere.io": {"webhooks": [hook]}}
    plan = planned("Namespace kubesphere-controls-system", webhooks)
    assert list(deletion_lines(plan)) == [
        "deletes on host: namespaces kubesphere-controls-system, kubesphere-system",
        "deletes on host: webhooks users.iam.kubesphere.io",
    ]


def test_the_plan_says_from_which_step_on_there_is_no_way_back_and_how_to_keep_it() -> None:
    claims = [f"PersistentVolumeClaim {SYSTEM}/minio", volume("Delete")]
    (line,) = lines_on_no_return(planned(f"ConfigMap {SYSTEM}/kubesphere-config", *claims, data=[SYSTEM]))
    assert "No way back from step remove-namespaces on" in line
    assert "1 ConfigMap(s), 1 claim(s)" in line
    (command,) = [part.text for part in split_message(line) if part.is_command]
    assert command == "ks-reset backup --to before -r AGE-KEY"
    assert unknown_words(tuple(command.split()[1:])) == []
    assert list(lines_on_no_return(planned())) == []


WIDGET = {"Widget.v1.odd.kubesphere.io shop/one": {"owners": ["Workspace ws1"]}}
"""A kept object that a plan without the step sever would lose: its owner goes."""


@pytest.mark.parametrize("choices", [{"kept_types": ["widgets.odd.kubesphere.io"]}, {}], ids=["kept", "not"])
def test_the_loss_of_an_object_that_stays_by_choice_refuses_a_plan(choices: dict[str, Any]) -> None:
    rows: list[Any] = ["CustomResourceDefinition widgets.odd.kubesphere.io -> Widget", "Workspace ws1", WIDGET]
    known = facts(expand_case({"host": rows})["host"])
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), known, asked(**choices))
    deletions = tuple(a for a in plan.actions if isinstance(a, Delete) and a.name == "ws1")
    plan = structs.replace(plan, actions=deletions)
    consequences = foresee_consequences(plan, known)
    assert [c.effect.object for c in consequences] == ["Widget.odd.kubesphere.io shop/one"]
    assert [c.is_users for c in consequences] == [bool(choices)]
