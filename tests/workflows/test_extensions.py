"""An uninstall with an extension: nothing of users' is lost, nothing is left, and verify agrees with the plan."""

from typing import Any

from ks_reset.findings import check_fleet
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from ks_reset.simulation import State, foresee_consequences
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.foresee import refuse_losses
from ks_reset.simulation.reading import facts_of
from ks_reset.simulation.run import run_controllers
from ks_reset.verify import find_leftovers
from ks_reset.workflows.kept import without_kept
from tests.build import facts
from tests.shorthand import expand_case

HOME = "extension-grafana"
MARKS = {
    "kubesphere.io/extension-ref": "grafana",
    "kubesphere.io/managed": "true",
    "kubesphere.io/workspace": "system-workspace",
}
HELM: dict[str, Any] = {
    "labels": {"app.kubernetes.io/managed-by": "Helm", "kubesphere.io/extension-ref": "grafana"},
    "annotations": {"meta.helm.sh/release-name": "grafana", "meta.helm.sh/release-namespace": HOME},
}
ROLE: dict[str, Any] = {"roleRef": {"kind": "ClusterRole", "name": "grafana"}}
EXTENSION: list[Any] = [
    {f"Namespace {HOME}": {"labels": MARKS}},
    f"Secret {HOME}/sh.helm.release.v1.grafana.v1 -> deployed",
    {f"ServiceAccount {HOME}/helm-executor.grafana": {"labels": {"kubesphere.io/extension-ref": "grafana"}}},
    {f"Deployment {HOME}/grafana": HELM},
    {f"Pod {HOME}/grafana-1": {"owners": [f"Deployment {HOME}/grafana"]}},
    {"Service kube-system/metrics": HELM},
    {"Endpoints kube-system/metrics": {"owners": ["Service kube-system/metrics"]}},
    {"ClusterRole grafana": HELM},
    {"ConfigMap shop/copy": HELM},
]
HOST: list[Any] = [
    "CustomResourceDefinition installplans.kubesphere.io -> InstallPlan",
    {"InstallPlan.v1alpha1.kubesphere.io grafana": {"finalizers": ["kubesphere.io/installplan-protection"]}},
    "Namespace kube-system",
    "Namespace shop",
    {"Namespace extension-shop": {"labels": {"kubesphere.io/workspace": "ws1"}}},
    "Deployment extension-shop/web",
]


def fleet(*host: Any) -> FleetFacts:
    rows = expand_case({"host": [*HOST, *EXTENSION, *host], "members": {"eu": ["Namespace shop", *EXTENSION]}})
    return facts(rows["host"], rows["members"])


def uninstall(known: FleetFacts) -> tuple[Plan, FleetFacts]:
    """The plan, refused for a loss, and the facts after it and all controllers."""
    plan = make_plan(load_playbook("uninstall"), known, Options())
    refuse_losses(plan, foresee_consequences(plan, known), known)
    state = State.of(known)
    for action in plan.actions:
        state = run_controllers(apply_action(state, action)[0]).after
    return plan, facts_of(state)


def titles(known: FleetFacts) -> dict[str, set[str]]:
    return {cluster.name: {obj.title for obj in cluster.all()} for cluster in known.clusters}


def test_nothing_stops_the_uninstall_of_an_extension() -> None:
    assert [finding.id for finding in check_fleet(fleet(), Options()) if "uninstall" in finding.blocks] == []


def test_everything_of_the_extension_goes_on_host_and_member_and_nothing_of_users() -> None:
    plan, after = uninstall(fleet())
    left = {"Namespace kube-system", "Namespace shop", "ConfigMap shop/copy"}
    assert titles(after) == {
        "host": left | {"Namespace extension-shop", "Deployment.apps extension-shop/web"},
        "eu": {"Namespace shop", "ConfigMap shop/copy"},
    }
    assert without_kept(after, lambda _: plan.request, find_leftovers(after), [plan]) == []
    assert make_plan(load_playbook("uninstall"), after, Options()).actions == ()


def test_a_role_that_a_user_binds_stays_and_verify_knows_why() -> None:
    theirs = {"ClusterRoleBinding sre": ROLE | {"subjects": [{"kind": "User", "name": "alice"}]}}
    plan, after = uninstall(facts(expand_case({"host": [*HOST, *EXTENSION, theirs]})["host"]))
    assert "ClusterRole.rbac.authorization.k8s.io grafana" in titles(after)["host"]
    assert without_kept(after, lambda _: plan.request, find_leftovers(after), [plan]) == []
    assert find_leftovers(after) != []


def test_a_type_of_others_that_loses_its_conversion_is_told_by_the_plan_and_by_verify() -> None:
    service = {"namespace": HOME, "name": "grafana"}
    versions = [{"name": "v1alpha1", "served": True}, {"name": "v1beta1", "served": True, "storage": True}]
    conversion = {"strategy": "Webhook", "webhook": {"clientConfig": {"service": service}}}
    names = {"kind": "Board", "plural": "boards"}
    spec = {"group": "example.com", "names": names, "versions": versions, "conversion": conversion}
    boards = {"CustomResourceDefinition boards.example.com": HELM | {"spec": spec}}
    plan, after = uninstall(facts(expand_case({"host": [*HOST, *EXTENSION, boards]})["host"]))
    said = " ".join(kept.why for kept in plan.kept if kept.object.endswith(" boards.example.com"))
    assert "(stored: v1beta1; served: v1alpha1, v1beta1)" in said
    assert (
        "kubectl --context host patch customresourcedefinitions.apiextensions.k8s.io boards.example.com --type=merge "
        """-p '{"spec":{"conversion":{"strategy":"None","webhook":null}}}'"""
    ) in said
    left = without_kept(after, lambda _: plan.request, find_leftovers(after), [plan])
    assert [(one.field, one.value) for one in left] == [
        ("spec.conversion", f"calls {HOME}/grafana, which is gone with its namespace")
    ]
    assert "(umask 077; kubectl --context host get boards.example.com --all-namespaces -o yaml > " in said
