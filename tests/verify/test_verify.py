"""Leftovers are found by domain on every object, and changed bystanders are reported."""

import copy
from typing import Any

import pytest

from ks_reset.model import Delete, Material, Plan, Request
from ks_reset.verify import compare_bystanders, find_leftovers
from tests.build import facts

SHOP: dict[str, Any] = {"kind": "ConfigMap", "metadata": {"name": "prices", "namespace": "shop"}, "data": {"a": "1"}}
HOOK = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
RBAC = "rbac.authorization.k8s.io/v1"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"apiVersion": "tenant.kubesphere.io/v1", "kind": "Workspace", "metadata": {"name": "w"}}, "apiVersion"),
        ({"kind": "Pod", "metadata": {"name": "p", "labels": {"kubefed.io/managed": "true"}}}, "metadata.labels"),
        (
            {"kind": "Pod", "metadata": {"name": "p", "annotations": {"kubesphere.io/creator": "x"}}},
            "metadata.annotations",
        ),
        (
            {"kind": "Pod", "metadata": {"name": "p", "finalizers": ["finalizers.kubesphere.io/x"]}},
            "metadata.finalizers",
        ),
        ({"kind": "Namespace", "metadata": {"name": "kubesphere-monitoring-federated"}}, "metadata.name"),
        (
            HOOK
            | {
                "metadata": {"name": "x"},
                "webhooks": [
                    {"name": "x", "clientConfig": {"service": {"namespace": "kubesphere-system", "name": "s"}}}
                ],
            },
            "webhooks",
        ),
        (
            {
                "apiVersion": RBAC,
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "x"},
                "subjects": [{"kind": "ServiceAccount", "namespace": "kube-federation-system", "name": "s"}],
            },
            "subjects",
        ),
    ],
)
def test_a_leftover_is_found(row: dict[str, Any], field: str) -> None:
    assert [leftover.field for leftover in find_leftovers(facts([row]))] == [field]


def test_an_object_of_a_release_of_an_extension_is_a_leftover_while_no_user_has_that_namespace() -> None:
    annotations = {"meta.helm.sh/release-namespace": "extension-grafana"}
    role = {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": "grafana", "annotations": annotations}}
    users: dict[str, Any] = {"kind": "Namespace", "metadata": {"name": "extension-grafana"}}
    own = {**users, "metadata": {"name": "extension-grafana", "labels": {"kubesphere.io/extension-ref": "grafana"}}}
    value = "meta.helm.sh/release-namespace"
    assert [leftover.value for leftover in find_leftovers(facts([role]))] == [value]
    assert value in [leftover.value for leftover in find_leftovers(facts([role, own]))]
    assert find_leftovers(facts([role, users])) == []


def test_a_type_whose_objects_a_gone_namespace_of_kubesphere_converted_is_a_leftover() -> None:
    def converted(home: str, strategy: str = "Webhook") -> dict[str, Any]:
        webhook = {"clientConfig": {"service": {"namespace": home, "name": "webhook"}}}
        spec = {"group": "example.com", "conversion": {"strategy": strategy, "webhook": webhook}}
        kind = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
        return {**kind, "metadata": {"name": "boards.example.com"}, "spec": spec}

    def found(*rows: dict[str, Any]) -> list[tuple[str, str]]:
        return [(one.field, one.value) for one in find_leftovers(facts([*rows]))]

    users: dict[str, Any] = {"kind": "Namespace", "metadata": {"name": "extension-gw"}}
    gone = ("spec.conversion", "calls extension-gw/webhook, which is gone with its namespace")
    assert found(converted("extension-gw")) == [gone]
    assert [field for field, _ in found(converted("kubesphere-monitoring-system"))] == ["spec.conversion"]
    assert found(converted("extension-gw"), users) == found(converted("extension-gw", "None")) == []
    assert found(converted("shop")) == []


def test_of_a_shared_member_only_this_hosts_accounts_are_leftovers() -> None:
    def bound(name: str) -> dict[str, Any]:
        subjects = [{"kind": "ServiceAccount", "namespace": "kube-federation-system", "name": name}]
        kind = {"apiVersion": RBAC, "kind": "ClusterRoleBinding"}
        return {**kind, "metadata": {"name": f"kubefed-controller-manager:{name}"}, "subjects": subjects}

    workspace = {"apiVersion": "tenant.kubesphere.io/v1", "kind": "Workspace", "metadata": {"name": "w"}}
    known = facts([], {"eu": [workspace, bound("eu-kubesphere"), bound("eu-hub")]})
    objects = find_leftovers(known, {"eu"}, {"uid-of-eu/eu-kubesphere"})
    assert [(leftover.object.partition(" ")[2], leftover.field) for leftover in objects] == [
        ("kubefed-controller-manager:eu-kubesphere", "subjects")
    ]
    assert len(find_leftovers(known)) == 3


def test_look_alikes_are_no_leftovers() -> None:
    rows: list[dict[str, Any]] = [
        {"kind": "Namespace", "metadata": {"name": "kubesphere-demo", "labels": {"notkubesphere.io/x": "y"}}},
        {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": "my-kubesphere-dashboards"}},
        HOOK | {"metadata": {"name": "validating-webhook-configuration"}, "webhooks": []},
    ]
    assert find_leftovers(facts(rows)) == []


def changed(**edits: Any) -> list[str]:
    now = copy.deepcopy(SHOP)
    now["metadata"] |= edits.pop("metadata", {})
    proof = compare_bystanders(facts([SHOP]), facts([now | edits]), ())
    assert proof.compared == {"host": 1}
    return [change.what for change in proof.changes]


def test_a_bystander_that_lost_only_kubespheres_marks_is_unchanged() -> None:
    marked = copy.deepcopy(SHOP)
    marked["metadata"] |= {"labels": {"kubesphere.io/x": "y", "team": "shop"}, "finalizers": ["kubefed.io/z"]}
    bare = copy.deepcopy(SHOP)
    bare["metadata"] |= {"labels": {"team": "shop"}}
    assert compare_bystanders(facts([marked]), facts([bare]), ()).changes == ()


def test_a_bystander_that_changed_is_named_with_what_changed() -> None:
    assert changed() == []
    assert changed(data={"a": "2"}) == ["changed in data"]
    assert changed(metadata={"labels": {"team": "x"}}) == ["changed in metadata.labels"]
    assert changed(metadata={"uid": "another"})[0].startswith("was recreated")
    assert changed(metadata={"deletionTimestamp": "now"}) == ["is being deleted"]


def test_a_bystander_that_is_gone_is_named_unless_a_plan_deleted_it() -> None:
    before, after = facts([SHOP]), facts([])
    assert [c.what for c in compare_bystanders(before, after, ()).changes] == ["is gone"]
    assert compare_bystanders(before, after, (_deleting(before),)).changes == ()


def test_objects_of_a_type_that_a_plan_deletes_are_no_bystanders_and_those_of_another_type_are() -> None:
    version = {"apiVersion": "a.kubesphere.io/v1"}
    crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    rows = [
        {**crd, "metadata": {"name": "pagers.a.kubesphere.io"}},
        {**version, "kind": "Pager", "metadata": {"name": "x"}},
    ]
    before = facts([*rows, {**version, "kind": "Bell", "metadata": {"name": "y"}}])
    changes = compare_bystanders(before, facts([]), (_deleting(before),)).changes
    assert [change.object for change in changes] == ["Bell.a.kubesphere.io y"]


def _deleting(before: Any) -> Plan:

    obj = next(before.host.all())
    action = Delete("s", before.host.identity, obj.kind, obj.name, obj.namespace, obj.uid)
    return Plan(1, "t", "now", "p", "fleet", Request(), Material(), ("s",), (), (action,))


WEBHOOK = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}


def test_a_seatbelt_put_on_by_hand_before_the_run_and_taken_off_after_it_is_no_loss() -> None:
    rows = [{**WEBHOOK, "metadata": {"name": name}} for name in ("ks-reset-seatbelt", "of-a-user")]
    before, after = facts(rows), facts([])
    proof = compare_bystanders(before, after, ())
    assert [change.object for change in proof.changes] == [
        "ValidatingWebhookConfiguration.admissionregistration.k8s.io of-a-user"
    ]
    named_alike = facts([{"kind": "ConfigMap", "metadata": {"name": "ks-reset-seatbelt", "namespace": "shop"}}])
    assert [change.what for change in compare_bystanders(named_alike, after, ()).changes] == ["is gone"]
