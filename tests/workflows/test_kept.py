"""verify does not call left over what stays by choice: marks with a reader, and what belongs to a kept operator."""

from typing import Any

from ks_reset.model import Options, Request
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from ks_reset.verify import find_leftovers
from ks_reset.workflows.kept import without_kept
from tests.build import facts
from tests.shorthand import expand_case

SERVICE = {"namespace": "kubesphere-logging-system", "name": "fluent"}
ROWS: list[Any] = [
    "Deployment kubesphere-logging-system/fluentbit-operator",
    "Deployment kube-system/pvc-autoresizer",
    "Namespace kubesphere-logging-system",
    "Namespace kubesphere-system",
    "CustomResourceDefinition fluentbits.logging.kubesphere.io -> FluentBit",
    {"APIService v1alpha2.logging.kubesphere.io": {"spec": {"group": "logging.kubesphere.io", "version": "v1alpha2"}}},
    {"ValidatingWebhookConfiguration fluent": {"webhooks": [{"name": "a.b.c", "clientConfig": {"service": SERVICE}}]}},
    {"FluentBit.v1alpha2.logging.kubesphere.io shop/fluent-bit": {"finalizers": ["fluentbit.logging.kubesphere.io"]}},
    {"Deployment shop/redis": {"labels": {"app.kubesphere.io/instance": "redis"}}},
    {"PersistentVolumeClaim shop/data": {"annotations": {"resize.kubesphere.io/enabled": "true"}}},
    {"ConfigMap shop/a": {"annotations": {"kubesphere.io/creator": "li", "odd.kubesphere.io/key": "1"}}},
    {"ClusterRoleBinding fluent": {"subjects": [{"kind": "ServiceAccount", "namespace": "kubesphere-logging-system"}]}},
]
UNKNOWN = ("ConfigMap shop/a", "odd.kubesphere.io/key")
ALWAYS = {
    ("Namespace kubesphere-system", "kubesphere-system"),
    ("ConfigMap shop/a", "kubesphere.io/creator"),
    UNKNOWN,
}


def left(request: Request) -> set[tuple[str, str]]:
    known = facts(expand_case({"host": ROWS})["host"])
    return {(item.object, item.value) for item in without_kept(known, lambda _: request, find_leftovers(known))}


def test_a_mark_with_an_unknown_reader_is_left_over_unless_a_plan_has_said_that_it_stays() -> None:
    known = facts(expand_case({"host": ROWS})["host"])
    plan = make_plan(load_playbook("uninstall"), known, Options(Request(discard=("kubesphere-system",))))
    told = without_kept(known, lambda _: Request(), find_leftovers(known), [plan])
    assert UNKNOWN in left(Request())
    assert UNKNOWN not in {(item.object, item.value) for item in told}


def test_only_what_nobody_keeps_is_left_over() -> None:
    assert left(Request(kept_operators=("fluentbit-operator",))) == ALWAYS


def test_without_a_choice_the_operators_things_are_left_over() -> None:
    objects = {title.partition(" ")[0] for title, _ in left(Request()) - ALWAYS}
    assert objects == {
        "Namespace",
        "APIService.apiregistration.k8s.io",
        "CustomResourceDefinition.apiextensions.k8s.io",
        "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
        "FluentBit.logging.kubesphere.io",
        "ClusterRoleBinding.rbac.authorization.k8s.io",
    }


def test_types_and_objects_of_users_stay_without_their_operator_and_its_namespace_does_not() -> None:
    titles = {title for title, _ in left(Request(forgone_operators=("fluentbit-operator",))) - ALWAYS}
    assert titles == {
        "Namespace kubesphere-logging-system",
        "ClusterRoleBinding.rbac.authorization.k8s.io fluent",
        "ValidatingWebhookConfiguration.admissionregistration.k8s.io fluent",
    }


def test_a_kept_type_is_not_left_over_with_its_objects() -> None:
    titles = {title for title, _ in left(Request(kept_types=("fluentbits.logging.kubesphere.io",))) - ALWAYS}
    assert titles == {
        "Namespace kubesphere-logging-system",
        "ClusterRoleBinding.rbac.authorization.k8s.io fluent",
        "ValidatingWebhookConfiguration.admissionregistration.k8s.io fluent",
    }


def test_what_deletes_a_kept_object_is_left_over_and_an_owner_that_stays_is_not() -> None:
    marks = {"labels": {"kubefed.io/managed": "true", "kubesphere.io/creator": "li"}}
    rows = [
        {"FluentBit.v1alpha2.logging.kubesphere.io shop/fluent-bit": marks | {"owners": ["Workspace ws1"]}},
        {"Secret kubesphere-logging-system/mine": marks | {"owners": ["Workspace ws1"]}},
        {"ConfigMap kubesphere-logging-system/config": {"owners": ["FluentBit.v1alpha2.logging.kubesphere.io x"]}},
    ]
    known = facts(expand_case({"host": rows})["host"])
    request = Request(kept_operators=("fluentbit-operator",))
    found = without_kept(known, lambda _: request, find_leftovers(known))
    deleting = ("kubefed.io/managed", "Workspace ws1")
    titles = ("FluentBit.logging.kubesphere.io shop/fluent-bit", "Secret kubesphere-logging-system/mine")
    assert {(item.object, item.value) for item in found} == {(title, value) for title in titles for value in deleting}
