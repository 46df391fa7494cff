"""plan uninstall --leave: KubeSphere goes for good, and people keep their access to their namespaces."""

import shlex
from typing import Any

import pytest

from ks_reset.catalogue.names import ROLE_BINDING_KEY, ROLE_KEY
from ks_reset.cli.corrections import corrected_call
from ks_reset.cli.selection import Selection
from ks_reset.errors import Usage
from ks_reset.facts.reliances import lost_reliances
from ks_reset.model import FleetFacts, Options, Plan, RemoveMarks, Request
from ks_reset.plan.again import command_again
from ks_reset.plan.playbook import load_playbook
from ks_reset.workflows.component_choices import require_own_playbook
from ks_reset.workflows.plan import checked_plan
from tests.build import facts
from tests.carried_out import facts_after
from tests.commands import commands_in, takes_all_flags
from tests.shorthand import expand_case

TEMPLATE = {"annotations": {"kubesphere.io/creator": "system", "iam.kubesphere.io/aggregation-roles": "[]"}}
MEMBER: dict[str, Any] = {
    "labels": {"iam.kubesphere.io/user-ref": "alice"},
    "roleRef": {"kind": "Role", "name": "admin"},
    "subjects": [{"kind": "User", "name": "alice"}],
}
ROWS: list[Any] = [
    "Namespace kubesphere-system",
    "Namespace kube-system",
    "Deployment kubesphere-system/ks-apiserver",
    "Workspace ws1",
    {"Namespace shop": {"labels": {"kubesphere.io/workspace": "ws1"}, "owners": ["Workspace ws1"]}},
    {"Role shop/admin": TEMPLATE},
    {"Role shop/viewer": TEMPLATE},
    {"RoleBinding shop/alice-admin": MEMBER},
    {"WorkspaceRoleBinding bob": {"roleRef": {"name": "ws1-admin"}, "subjects": [{"kind": "User", "name": "bob"}]}},
    {"GlobalRoleBinding all": {"subjects": [{"kind": "Group", "name": "system:authenticated"}]}},
]
OF_V4: list[Any] = [
    "RoleBinding.v1beta1.iam.kubesphere.io shop/alice",
    {
        "RoleBinding shop/kubesphere:iam:alice": MEMBER
        | {"labels": {}, "owners": ["RoleBinding.v1beta1.iam.kubesphere.io shop/alice"]}
    },
]


def fleet(*rows: Any) -> FleetFacts:
    return facts(expand_case({"host": [*ROWS, *rows]})["host"])


def left(world: FleetFacts) -> Plan:
    return checked_plan(load_playbook("uninstall"), world, Options(Request(leave=True)))


@pytest.mark.parametrize(
    ("rows", "bindings"), [([], {"alice-admin"}), (OF_V4, {"alice-admin", "kubesphere:iam:alice"})]
)
def test_people_keep_their_bindings_with_their_roles(rows: list[Any], bindings: set[str]) -> None:
    world = fleet(*rows)
    after = facts_after(left(world), world).host
    assert {obj.name for obj in after.of(ROLE_BINDING_KEY)} == bindings
    assert [(obj.name, obj.owners) for obj in after.of(ROLE_KEY)] == [("admin", ())]
    assert not after.of("Workspace.tenant.kubesphere.io")


def test_what_they_keep_has_no_mark_of_kubesphere() -> None:
    removed = {a.name: a.marks.names for a in left(fleet(*OF_V4)).actions if isinstance(a, RemoveMarks)}
    assert removed["alice-admin"] == ["label iam.kubesphere.io/user-ref"]
    assert removed["kubesphere:iam:alice"] == ["ownerReference RoleBinding alice"]
    assert removed["admin"] == [f"annotation {key}" for key in sorted(TEMPLATE["annotations"])]
    plain: dict[str, Any] = {key: value for key, value in MEMBER.items() if key != "labels"}
    rows = ["Namespace kube-system", "Namespace shop", "Role shop/admin", {"RoleBinding shop/alice-admin": plain}]
    assert not left(facts(expand_case({"host": rows})["host"])).actions


def test_without_it_they_go_and_the_plan_names_each_of_them() -> None:
    world = fleet()
    plan = checked_plan(load_playbook("uninstall"), world, Options())
    assert not facts_after(plan, world).host.of(ROLE_BINDING_KEY)
    told = {lost.what: lost.objects for lost in plan.without}
    assert told["access of members of projects"][0].startswith("alice as admin in shop (")


def test_who_loses_access_all_the_same_is_named() -> None:
    told = {lost.what: lost for lost in left(fleet()).without}
    assert "access of members of projects" not in told
    wider = told["access by Workspaces and cluster-wide"]
    assert wider.objects == ("bob as ws1-admin (WorkspaceRoleBinding.iam.kubesphere.io bob)",)
    assert "kubectl -n NAMESPACE create rolebinding NAME --clusterrole=admin --user=USER" in wider.then


def test_each_thing_that_is_gone_has_a_way_on_that_a_plan_to_reinstall_does_not_tell() -> None:
    world = fleet("ResourceQuota.v1alpha2.quota.kubesphere.io ws1").host
    (lost,) = (each for each in lost_reliances(world, Request(leave=True)) if each.what.startswith("limits"))
    assert "Instead: kubectl -n NAMESPACE create quota" in lost.then
    assert not [each for each in lost_reliances(world, Request()) if "Instead" in each.then]


@pytest.mark.parametrize("playbook", ["repair", "reset"])
def test_another_playbook_refuses_it_with_the_command_that_is_meant(playbook: str) -> None:
    with pytest.raises(Usage) as refused:
        require_own_playbook(playbook, Request(leave=True))
    assert "Type: ks-reset plan uninstall --leave --out plan.json" in str(refused.value)
    assert all(takes_all_flags(words) for words in commands_in(str(refused.value)))


def test_single_components_do_not_go_for_good_and_the_command_without_it_is_named() -> None:
    with pytest.raises(Usage) as refused:
        Selection(leave=True, only=["devops,logging"]).as_options()
    call = "ks-reset plan uninstall --only devops,logging --leave --out plan.json"
    calls = [corrected_call(call, each) for each in refused.value.corrections]
    assert calls == [call.replace(" --leave", "")], "without --only the call would take all of KubeSphere off for good"
    assert all(takes_all_flags(words) for words in map(shlex.split, calls))


def test_the_command_of_such_a_plan_has_the_flag() -> None:
    assert command_again(left(fleet())) == "ks-reset plan uninstall --leave --out plan.json"
