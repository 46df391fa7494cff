"""The namespace of an extension is deleted only with its proof, and only if everything in it is accounted for."""

from typing import Any

import pytest

from ks_reset.errors import Refused
from ks_reset.guards import namespace_empty, never_deleted, no_dependents
from ks_reset.guards.context import GuardContext
from ks_reset.model import Delete
from tests.build import action, facts
from tests.shorthand import expand_case

HOME = "extension-grafana"
OWN = {"labels": {"kubesphere.io/extension-ref": "grafana", "kubesphere.io/managed": "true"}}
RELEASE = f"Secret {HOME}/sh.helm.release.v1.grafana.v1 -> deployed"
HELM = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "grafana", "meta.helm.sh/release-namespace": HOME},
}


def check(*short: Any, namespace: dict[str, Any] = OWN, target: str = f"Namespace {HOME}") -> None:
    world = facts(expand_case({"host": [{f"Namespace {HOME}": namespace}, *short]})["host"]).host
    now = next(obj for obj in world.all() if obj.title == target)
    delete = action(Delete, world.identity, now.kind, now.name, namespace=now.namespace, uid=now.uid)
    for guard in (never_deleted.guard, namespace_empty.guard, no_dependents.guard):
        guard(delete, now, GuardContext(world, world.identity, frozenset()))


def test_an_extensions_namespace_may_go_with_its_release() -> None:
    check(RELEASE, {f"Deployment {HOME}/grafana": HELM}, {f"ConfigMap {HOME}/settings": HELM})


@pytest.mark.parametrize(
    "namespace",
    [
        {"labels": {}},
        {"labels": {"kubesphere.io/extension-ref": "other", "kubesphere.io/managed": "true"}},
        {"labels": {"kubesphere.io/extension-ref": "grafana"}},
    ],
)
def test_a_namespace_that_lost_its_proof_since_the_plan_stays(namespace: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="neither one of KubeSphere's own namespaces nor a canary"):
        check(RELEASE, namespace=namespace)


@pytest.mark.parametrize(
    ("short", "said"),
    [
        (f"Deployment {HOME}/mine", r"1 object\(s\) of users are in it now"),
        (f"PersistentVolumeClaim {HOME}/data", r"1 object\(s\) of users are in it now"),
        (f"ConfigMap {HOME}/mine", f"of unknown origin.*--discard ConfigMap/{HOME}/mine"),
        ({f"ConfigMap {HOME}/settings": HELM}, "of unknown origin"),
    ],
)
def test_objects_without_the_proof_of_a_release_keep_it(short: Any, said: str) -> None:
    with pytest.raises(Refused, match=said):
        check(short)


def test_what_was_made_for_an_object_of_the_release_elsewhere_does_not_keep_that_object() -> None:
    agent, pod = (
        {"Deployment kube-system/agent": HELM},
        {"Pod kube-system/agent-1": {"owners": ["Deployment kube-system/agent"]}},
    )
    check(RELEASE, agent, pod, target="Deployment.apps kube-system/agent")
    with pytest.raises(Refused, match="name it as owner"):
        check(agent, pod, target="Deployment.apps kube-system/agent")
