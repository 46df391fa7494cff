"""The seatbelt: its objects per cluster version, when it is complete, and which deletions it denies."""

import copy
from typing import Any

import pytest
from msgspec import structs

from ks_reset import seatbelt
from ks_reset.findings.fleet import seatbelt_left
from ks_reset.model import Body, ClusterFacts, FleetFacts, Obj, Options
from ks_reset.report.protect import status_of_seatbelt
from ks_reset.steps.seatbelt import put_seatbelts_on
from ks_reset.steps.step import StepContext
from ks_reset.verify import find_leftovers
from tests.build import cluster, facts, kind_of

Rows = list[dict[str, Any]]
API = "admissionregistration.k8s.io"
WEBHOOK = {"apiVersion": f"{API}/v1", "kind": "ValidatingWebhookConfiguration"}
POLICY = {"apiVersion": f"{API}/v1", "kind": "ValidatingAdmissionPolicy"}
BINDING = {"apiVersion": f"{API}/v1", "kind": "ValidatingAdmissionPolicyBinding"}
OLD: Rows = [WEBHOOK]
NEW: Rows = [WEBHOOK, POLICY, BINDING]
BOTH = pytest.mark.parametrize("served", [OLD, NEW], ids=["webhook", "policy"])


def crd(group: str, **labels: str) -> dict[str, Any]:
    head = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    return head | {"metadata": {"name": f"things.{group}", "labels": labels}, "spec": {"group": group}}


def named(kind: str, name: str, namespace: str = "") -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name} | ({"namespace": namespace} if namespace else {})}


def obj(row: dict[str, Any]) -> Obj:
    return Obj(kind_of(row), row)


def seatbelt_rows(served: Rows, run: str = "protect", spared: tuple[str, ...] = ()) -> Rows:
    """The rows of a seatbelt as a cluster stores it: as created, with the API server's defaults."""
    return [defaulted(body) for _, body in seatbelt.seatbelt_objects(cluster("c", served), run, "ops@bastion", spared)]


def defaulted(body: Body) -> Body:
    stored = copy.deepcopy(body) | {"status": {"observedGeneration": 1}}
    matched = [*stored.get("webhooks", []), stored.get("spec", {}).get("matchConstraints")]
    for match in (m for m in matched if m):
        for key, value in seatbelt.DEFAULTS.items():
            match.setdefault(key, value)
    return stored


def on(served: Rows, *rows: dict[str, Any], spared: tuple[str, ...] = ()) -> ClusterFacts:
    return cluster("c", [*served, *seatbelt_rows(served, spared=spared), *rows])


def fleet_of(host: ClusterFacts) -> FleetFacts:
    return structs.replace(facts([]), host=host)


def test_with_the_ga_policy_it_is_created_before_its_binding() -> None:
    parts = seatbelt.seatbelt_objects(cluster("c", NEW), "uninstall", "ops@bastion", ("scratch",))
    assert [kind.kind for kind, _ in parts] == ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]
    assert parts[1][1]["spec"] == {"policyName": seatbelt.NAME, "validationActions": ["Deny"]}
    for _, body in parts:
        said = {seatbelt.RUN: "uninstall", seatbelt.BY: "ops@bastion", seatbelt.EXCEPTED: "scratch"}
        assert body["metadata"] == {"name": seatbelt.NAME, "annotations": said}


@pytest.mark.parametrize("served", [OLD, [WEBHOOK, POLICY | {"apiVersion": f"{API}/v1beta1"}], []])
def test_without_the_ga_policy_a_webhook_without_a_backend_fails_closed(served: Rows) -> None:
    ((kind, body),) = seatbelt.seatbelt_objects(cluster("c", served), "protect", "ops@bastion")
    assert kind.kind == "ValidatingWebhookConfiguration"
    for hook in body["webhooks"]:
        assert (hook["failurePolicy"], hook["sideEffects"], hook["timeoutSeconds"]) == ("Fail", "None", 1)
        assert hook["clientConfig"] == {"url": "https://127.0.0.1:1/ks-reset-protect-off-ends-this"}
        assert hook["name"].endswith(f".{seatbelt.NAME}.invalid")
        assert all(rule["operations"] == ["DELETE"] for rule in hook["rules"])


@BOTH
def test_the_namespaces_of_extensions_are_excepted_also_from_a_seatbelt_put_on_before_them(served: Rows) -> None:
    home = {**named("Namespace", "extension-grafana")}
    home["metadata"] |= {"labels": {"kubesphere.io/extension-ref": "grafana", "kubesphere.io/managed": "true"}}
    before, lookalike = on(served, home, spared=("scratch",)), on(served, named("Namespace", "extension-grafana"))
    assert (seatbelt.is_on(before), seatbelt.excepts_own(before)) == (True, False)
    assert seatbelt.excepts_own(lookalike)
    belt = seatbelt.present(before)
    excepted = seatbelt.exceptions_of(before, belt)
    assert excepted == ("scratch", "extension-grafana")
    put = [action.verb for action in put_seatbelts_on(StepContext(fleet_of(before), Options()))]
    assert put == ["seatbelt-on"]
    after = on(served, home, spared=excepted)
    assert not [*put_seatbelts_on(StepContext(fleet_of(after), Options()))]
    assert not [*put_seatbelts_on(StepContext(fleet_of(lookalike), Options()))]
    assert seatbelt.excepts_own(after)
    whole = seatbelt.present(after)
    assert whole is not None
    assert not seatbelt.keeps_object(after, whole, obj(home))


def test_namespaces_are_excepted_by_name_so_later_ones_are_protected_too() -> None:
    ((_, body),) = seatbelt.seatbelt_objects(cluster("c", OLD), "protect", "x", ("scratch",))
    (rule,) = body["webhooks"][0]["namespaceSelector"]["matchExpressions"]
    assert (rule["key"], rule["operator"]) == ("kubernetes.io/metadata.name", "NotIn")
    assert {"scratch", "kubesphere-system", "kube-federation-system"} < set(rule["values"])
    assert not {"istio-system", "argocd", "kube-system", "default"} & set(rule["values"])


def test_the_policy_does_not_cover_pods() -> None:
    policy = seatbelt.seatbelt_objects(cluster("c", NEW), "protect", "x")[0][1]
    asked = {r for rule in policy["spec"]["matchConstraints"]["resourceRules"] for r in rule["resources"]}
    assert "pods" not in asked
    assert {"namespaces", "persistentvolumeclaims", "deployments", "configmaps", "ingresses"} < asked


@BOTH
def test_a_complete_seatbelt_is_found_with_its_annotations(served: Rows) -> None:
    world = on(served, spared=("scratch", "tmp"))
    belt = seatbelt.present(world)
    assert belt is not None
    assert (belt.run, belt.by, belt.excepted_namespaces) == ("protect", "ops@bastion", ("scratch", "tmp"))
    assert seatbelt.is_complete(world, belt)
    assert seatbelt.is_on(world)


@BOTH
def test_without_one_nothing_is_denied(served: Rows) -> None:
    world = cluster("c", [*served, named("Namespace", "shop")])
    assert seatbelt.present(world) is None
    assert not seatbelt.is_on(world)
    assert not is_kept(world, world.of("Namespace")[0])


@pytest.mark.parametrize("there", [0, 1])
def test_a_policy_without_its_binding_and_a_binding_without_its_policy_are_incomplete(there: int) -> None:
    world = cluster("c", [*NEW, seatbelt_rows(NEW)[there], named("Namespace", "shop")])
    assert seatbelt.present(world) is not None
    assert not seatbelt.is_on(world)
    assert not is_kept(world, world.of("Namespace")[0])


def test_a_webhook_left_from_before_an_upgrade_is_found_but_is_no_policy() -> None:
    world = cluster("c", [*NEW, *seatbelt_rows(OLD)])
    assert (seatbelt.present(world) is None, seatbelt.is_on(world)) == (False, False)


def is_kept(world: ClusterFacts, obj: Obj) -> bool:
    """Whether this cluster's seatbelt denies the deletion; False without a complete one."""
    belt = seatbelt.present(world)
    by_label = seatbelt.is_webhook(world)
    return (
        belt is not None and seatbelt.is_on(world) and seatbelt.denies_deletion(obj, belt.excepted_namespaces, by_label)
    )


def spoiled(served: Rows, part: int, *path: str | int, value: Any) -> ClusterFacts:
    """A seatbelt with one field set to another value."""
    rows = seatbelt_rows(served)
    place: Any = rows[part]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return cluster("c", [*served, *rows])


NEVER = [{"name": "never", "expression": "false"}]


@pytest.mark.parametrize(
    "world",
    [
        spoiled(OLD, 0, "webhooks", value=[]),
        spoiled(OLD, 0, "webhooks", 0, "failurePolicy", value="Ignore"),
        spoiled(OLD, 0, "webhooks", 0, "rules", 0, "operations", value=["CREATE"]),
        spoiled(OLD, 0, "webhooks", 0, "namespaceSelector", "matchExpressions", 0, "values", value=["shop"]),
        spoiled(OLD, 0, "webhooks", 1, "objectSelector", value={"matchLabels": {"a": "b"}}),
        spoiled(OLD, 0, "webhooks", 2, "matchPolicy", value="Exact"),
        spoiled(OLD, 0, "webhooks", 0, "matchConditions", value=NEVER),
        spoiled(OLD, 0, "webhooks", 0, value="not a webhook"),
        spoiled(NEW, 0, "spec", "failurePolicy", value="Ignore"),
        spoiled(NEW, 0, "spec", "validations", 0, "expression", value="true"),
        spoiled(NEW, 0, "spec", "matchConditions", value=NEVER),
        spoiled(NEW, 0, "spec", "matchConstraints", "excludeResourceRules", value=[{}]),
        spoiled(NEW, 0, "spec", "matchConstraints", "namespaceSelector", value={"matchLabels": {"a": "b"}}),
        spoiled(NEW, 1, "spec", "validationActions", value=["Warn"]),
        spoiled(NEW, 1, "spec", "policyName", value="another"),
        spoiled(NEW, 1, "spec", "matchResources", value={"namespaceSelector": {"matchLabels": {"a": "b"}}}),
        spoiled(NEW, 0, "metadata", "annotations", seatbelt.EXCEPTED, value="shop"),
    ],
)
def test_a_seatbelt_that_somebody_changed_or_added_to_does_not_count(world: ClusterFacts) -> None:
    assert seatbelt.present(world) is not None
    assert not seatbelt.is_on(world)


KEPT = [
    named("Namespace", "shop"),
    named("Namespace", "istio-system"),
    named("PersistentVolumeClaim", "data", "shop"),
    named("PersistentVolume", "disk"),
    named("PersistentVolume", "scratch"),
    crd("cert-manager.io"),
    crd("notkubesphere.io"),
]
LET_GO = [
    named("Namespace", "kubesphere-system"),
    named("Namespace", "scratch"),
    named("PersistentVolumeClaim", "data", "kubesphere-system"),
    named("PersistentVolumeClaim", "data", "scratch"),
    named("ConfigMap", "settings", "shop"),
    named("Pod", "web", "shop"),
]


@BOTH
@pytest.mark.parametrize("row", KEPT, ids=str)
def test_it_denies_the_deletion_of_users_objects(served: Rows, row: dict[str, Any]) -> None:
    assert is_kept(on(served, spared=("scratch",)), obj(row))


@BOTH
@pytest.mark.parametrize("row", LET_GO, ids=str)
def test_it_allows_kubespheres_and_excepted_objects_and_partial_denials_do_not_count(
    served: Rows, row: dict[str, Any]
) -> None:
    assert not is_kept(on(served, spared=("scratch",)), obj(row))


@pytest.mark.parametrize(
    ("served", "row", "kept"),
    [
        (NEW, crd("tenant.kubesphere.io"), False),
        (NEW, crd("cert-manager.io", **{seatbelt.REMOVABLE: "true"}), True),
        (OLD, crd("tenant.kubesphere.io"), True),
        (OLD, crd("types.kubefed.io", **{seatbelt.REMOVABLE: "true"}), False),
    ],
)
def test_a_policy_knows_types_by_their_group_and_a_webhook_by_a_label(
    served: Rows, row: dict[str, Any], kept: bool
) -> None:
    assert is_kept(on(served), obj(row)) is kept
    assert seatbelt.is_webhook(on(served)) is (served is OLD)


def test_the_label_is_put_on_one_object_and_not_on_a_later_one_with_its_name() -> None:
    row = crd("tenant.kubesphere.io")
    row["metadata"]["uid"] = "u-1"
    assert seatbelt.removable_patch(obj(row)) == {"metadata": {"uid": "u-1", "labels": {seatbelt.REMOVABLE: "true"}}}
    bound = {"uid": "u-1", "resourceVersion": "7", "labels": {seatbelt.REMOVABLE: None}}
    assert seatbelt.removable_patch(obj(row), None, "7") == {"metadata": bound}


@BOTH
def test_status_counts_the_protected_objects(served: Rows) -> None:
    said = status_of_seatbelt(on(served, *KEPT, *LET_GO, spared=("scratch",)))
    kinds = {"Namespace": 2, "PersistentVolumeClaim": 1, "PersistentVolume": 2, "CustomResourceDefinition": 2}
    assert (said.on, said.broken, said.run, said.spared) == (True, False, "protect", ("scratch",))
    assert said.protected == kinds


def test_status_of_none_is_off_and_of_a_part_broken() -> None:
    none, part = (
        status_of_seatbelt(cluster("c", [*NEW, *KEPT])),
        status_of_seatbelt(cluster("c", [*NEW, seatbelt_rows(NEW)[0], *KEPT])),
    )
    assert (none.on, none.broken, none.protected) == (False, False, {})
    assert (part.on, part.broken, part.by, part.protected) == (False, True, "ops@bastion", {})


@pytest.mark.parametrize(("run", "cure"), [("protect", "ks-reset protect off."), ("uninstall", "--force")])
def test_the_finding_names_the_run_who_and_what_to_do(run: str, cure: str) -> None:
    (finding,) = seatbelt_left.check(facts([*NEW, *seatbelt_rows(NEW, run)]), Options())
    assert {e.value for e in finding.evidence} == {f"{run}, by ops@bastion"}
    assert cure in finding.cure
    assert "is on" in finding.title


def test_verify_reports_a_leftover_seatbelt_and_no_other_object_with_its_name() -> None:
    chance = named("ConfigMap", seatbelt.NAME, "shop")
    assert [left.object for left in find_leftovers(facts([*OLD, *seatbelt_rows(OLD), chance]))] == [
        f"ValidatingWebhookConfiguration.{API} {seatbelt.NAME}"
    ]
