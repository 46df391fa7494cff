"""Explanations of one object: the incident, later events, and blockers of a deletion; as sentences and pictures."""

import json
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from msgspec import structs

from ks_reset.model import FleetFacts
from ks_reset.report import picture
from ks_reset.report.explain import link_sentence
from ks_reset.report.titles import without_api_groups
from ks_reset.simulation.explain import Explanation, explain_object
from tests.build import facts
from tests.cases import FOLDER, load_case
from tests.shorthand import expand_dial, expand_object
from tests.simulation.test_actors import SimulationCase

DYING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
WORKSPACE = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws1"}


def row(kind: str, name: str, version: str = "v1", **meta: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **meta}}


def incident(replicas: int) -> FleetFacts:
    """The case simulation/incident/whole with this many replicas of kubefed, and a namespace in no Workspace."""
    case = load_case(FOLDER / "simulation" / "incident" / "whole.yaml", SimulationCase)
    case.host[0]["spec"]["replicas"] = replicas
    more = [row("Cluster", name, "cluster.kubesphere.io/v1alpha1") for name in ("host", "test")]
    more += [row("Namespace", "shop"), row("PersistentVolumeClaim", "data", namespace="shop")]
    return facts([*case.host, *more], case.members, case.dials)


def explain_titled(known: FleetFacts, title: str, *events: str, cluster: str = "host") -> Explanation:
    world = next(w for w in known.clusters if w.name == cluster)
    return explain_object(known, world.identity, next(o for o in world.all() if o.title == title), events)


def links(explanation: Explanation) -> list[str]:
    return [
        f"{x.actor} {x.deed} {without_api_groups(x.object)} on {x.cluster}" for e in explanation.fates for x in e.chain
    ]


def test_the_incident_waits_for_kubefed_and_then_takes_both_clusters() -> None:
    now = explain_titled(incident(0), "Namespace catalog")
    assert (now.verdict, now.fates) == ("stays", ())
    assert now.sooner == "Not as things stand; but it is lost as soon as kubefed restarts."
    then = explain_titled(incident(0), "Namespace catalog", "kubefed restarts")
    assert (then.verdict, then.sooner) == ("lost", "As soon as kubefed restarts: now kubefed does not run.")
    said = [link_sentence(link) for link in then.fates[0].chain]
    why = "FederatedNamespace catalog/catalog is not placed on the record produce-trt, which reaches this cluster"
    by = "[metadata.labels[kubefed.io/managed]]"
    assert f"kubefed takes the label kubefed.io/managed off Namespace catalog on host: {why}. {by}" in said
    assert said[-1].startswith("The garbage collector deletes Namespace catalog on host: it names Workspace ws1 ")
    assert ("test", "Namespace catalog", True, True) in [structs.astuple(loss) for loss in then.also]
    cures = [cure.partition(":")[0] for cure in then.cure]
    assert cures == ["ks-reset plan stale-record --out plan.json", "ks-reset protect on"]
    assert now.cure == then.cure
    assert explain_titled(incident(0), "Namespace catalog", "ks-controller-manager restarts").verdict == "stays"


def test_a_namespace_added_to_a_workspace_is_lost_with_its_claims_only_if_that_flaps() -> None:
    explanation = explain_titled(incident(1), "Namespace shop", "added to workspace ws1")
    assert (explanation.verdict, links(explanation)[-1]) == ("lost", "garbage collector deletes Namespace shop on host")
    assert "PersistentVolumeClaim shop/data" in {loss.object for loss in explanation.also if loss.through}
    assert explanation.sooner == "As soon as it is added to workspace ws1."
    calm = explain_titled(incident(0), "Namespace shop", "added to workspace ws1")
    assert (calm.verdict, calm.also, calm.cure) == ("changed", (), ())
    assert links(calm)[1:] == ["ks-controller-manager binds Namespace shop on host"]


def test_an_old_owner_deletes_its_dependents_once_its_type_is_served_and_defuse_prevents_it() -> None:
    known = facts([row("Namespace", "shop", ownerReferences=[WORKSPACE | {"uid": "old"}])])
    now = explain_titled(known, "Namespace shop")
    assert (now.verdict, "its type is not served" in now.marks[0].means) == ("stays", True)
    then = explain_titled(known, "Namespace shop", "KubeSphere is installed again")
    assert (then.verdict, links(then)) == ("lost", ["garbage collector deletes Namespace shop on host"])
    assert then.sooner.endswith("now the type Workspace.tenant.kubesphere.io is not served.")
    assert then.cure[0].startswith("ks-reset plan defuse")


def test_what_a_silent_record_reaches_is_unknown_to_all_that_kubefed_may_take_along() -> None:
    owner = {**WORKSPACE, "uid": "w"}
    rows = [row("Workspace", "ws1", WORKSPACE["apiVersion"], uid="w", labels={"kubefed.io/managed": "true"})]
    rows += [row("Namespace", "shop", ownerReferences=[owner]), row("Namespace", "other")]
    rows += [row("ConfigMap", "prices", namespace=name) for name in ("shop", "other")]
    for reach in ("unreachable", "credentials refused", "no secret", "not dialled"):
        known = facts(rows, dials=[{"record": "far", "reach": reach}])
        for subject in ("Namespace shop", "ConfigMap shop/prices"):
            assert explain_titled(known, subject).unknown == (f"host: what the record far reaches: {reach}",)
        assert explain_titled(known, "ConfigMap other/prices").unknown == ()


def test_what_a_silent_record_reaches_is_unknown_where_kubefed_acts_on_an_object_without_its_label() -> None:
    kubefed = {"kind": "Deployment", "apiVersion": "apps/v1", "spec": {"replicas": 1}}
    kubefed |= {"metadata": {"name": "kubefed-controller-manager", "namespace": "kube-federation-system"}}
    for running in (0, 1):
        rows = [expand_object("FederatedTypeConfig namespaces -> Namespace")]
        rows += [expand_object("KubeFedCluster far"), row("Namespace", "shop")]
        rows += [expand_object("KubeFedCluster host -> host"), expand_object("FederatedNamespace shop/shop -> host")]
        rows += [kubefed | {"spec": {"replicas": running}}]
        known = facts(rows, dials=[expand_dial("host -> host"), expand_dial({"far": "unreachable"})])
        unknown = explain_titled(known, "Namespace shop").unknown
        assert unknown == ("host: what the record far reaches: unreachable",) * running


def explain_first(*rows: dict[str, Any], **gaps: str) -> Explanation:
    """The first object, which is being deleted."""
    known = facts(list(rows), gaps=[{"what": what, "why": why} for what, why in gaps.items()])
    explanation = explain_titled(known, next(obj.title for obj in known.host.all()))
    assert (explanation.verdict, explanation.state) == ("stuck", "Terminating since 2026-01-01T00:00:00Z")
    return explanation


def test_a_finalizer_of_a_third_party_is_named_with_the_patch_that_takes_it_off() -> None:
    explanation = explain_first(row("Namespace", "a", **DYING, finalizers=["a.example/x", "example.com/hold"]))
    assert [hold.what for hold in explanation.holds] == ["finalizer a.example/x", "finalizer example.com/hold"]
    said = explanation.cure[1].rpartition("-p '")[2].rstrip("'")
    test = {"op": "test", "path": "/metadata/finalizers/1", "value": "example.com/hold"}
    assert json.loads(said) == [test, {"op": "remove", "path": "/metadata/finalizers/1"}]
    assert explanation.sooner == "Never by itself."


def test_contents_hold_a_namespace_and_blocked_ones_are_named_first() -> None:
    rest = [row("ConfigMap", name, namespace="a") for name in "uvwx"]
    kept = row("ConfigMap", "z", **DYING, namespace="a", finalizers=["example.com/x"])
    explanation = explain_first(row("Namespace", "a", **DYING), *rest, kept)
    assert [hold.what for hold in explanation.holds] == ["spec.finalizers kubernetes", "finalizer example.com/x"]
    assert explanation.holds[0].release == "everything inside is gone; 1 left: ConfigMap a/z"
    assert "kubectl --context host -n a patch configmaps/z" in explanation.cure[0]
    assert sorted(loss.object for loss in explanation.also) == [f"ConfigMap a/{name}" for name in "uvwx"]


def test_an_api_group_without_an_answer_and_wiped_finalizers_hold_a_namespace() -> None:
    explanation = explain_first(row("Namespace", "a", **DYING), **{"API group metrics.k8s.io/v1beta1": "503"})
    assert explanation.holds[1].what == "API group metrics.k8s.io/v1beta1 does not answer"
    assert explanation.cure[0].endswith("kubectl --context host get apiservice v1beta1.metrics.k8s.io")
    assert explanation.unknown == ("host: API group metrics.k8s.io/v1beta1: 503",)
    explanation = explain_first(row("Namespace", "a", **DYING) | {"spec": {}}, row("ConfigMap", "x", namespace="a"))
    assert (explanation.sooner, explanation.also) == ("Never by itself.", ())
    assert "replace --raw /api/v1/namespaces/a/finalize" in explanation.cure[0]


def test_contents_that_the_api_server_refuses_to_delete_hold_a_namespace() -> None:
    rule = {"operations": ["DELETE"], "apiGroups": [""], "resources": ["configmaps"]}
    hook = {"name": "h", "clientConfig": {"service": {"namespace": "b", "name": "gone"}}, "rules": [rule]}
    hooks = row("ValidatingWebhookConfiguration", "w", "admissionregistration.k8s.io/v1") | {"webhooks": [hook]}
    explanation = explain_first(row("Namespace", "a", **DYING), row("ConfigMap", "x", namespace="a"), hooks)
    assert (explanation.holds[1].object, explanation.holds[1].who) == ("ConfigMap a/x", "the API server")


def test_a_type_is_held_by_its_objects_and_by_a_conversion_webhook_without_a_backend() -> None:
    cleanup = ["customresourcecleanup.apiextensions.k8s.io"]
    crd = row("CustomResourceDefinition", "bigs.example.com", "apiextensions.k8s.io/v1", **DYING, finalizers=cleanup)
    spec = {"group": "example.com", "names": {"kind": "Big", "plural": "bigs"}}
    explanation = explain_first(
        crd | {"spec": spec}, row("Big", "x", "example.com/v1", **DYING, finalizers=["example.com/hold"])
    )
    assert [hold.object for hold in explanation.holds][1] == "Big.example.com x"
    assert "patch bigs.example.com/x" in explanation.cure[0]
    webhook = {"clientConfig": {"service": {"namespace": "b", "name": "gone"}}}
    explanation = explain_first(crd | {"spec": spec | {"conversion": {"strategy": "Webhook", "webhook": webhook}}})
    assert [hold.what for hold in explanation.holds] == ["spec.conversion calls b/gone, which has no endpoints"]
    assert '"strategy":"None"' in explanation.cure[0]


def test_a_workspace_with_dependents_is_defused_before_its_finalizer_is_removed() -> None:
    workspace = row(
        "Workspace", "ws1", WORKSPACE["apiVersion"], **DYING, finalizers=["finalizers.tenant.kubesphere.io"]
    )
    owned = row("Namespace", "shop", ownerReferences=[WORKSPACE | {"uid": "uid-of-Workspace--ws1"}])
    manager = row("Deployment", "ks-controller-manager", "apps/v1", namespace="kubesphere-system") | {
        "spec": {"replicas": 0}
    }
    known = facts([workspace, owned, manager])
    explanation = explain_titled(known, "Workspace.tenant.kubesphere.io ws1")
    assert explanation.sooner == "Never by itself, but as soon as ks-controller-manager restarts."
    assert explanation.cure[0].startswith("First ks-reset plan defuse --out plan.json: 1 object(s) of users")
    assert explain_titled(known, "Namespace shop").cure[0].startswith("ks-reset plan defuse")


def test_the_picture_is_complete_and_has_each_link_once() -> None:
    for cluster in ("host", "test"):
        explanation = explain_titled(incident(0), "Namespace catalog", "kubefed restarts", cluster=cluster)
        root = ElementTree.fromstring(picture.render_svg(explanation))
        boxes = [e.get("class") for e in root.iter() if e.tag.endswith("}g")]
        count = len(explanation.fates[0].chain)
        assert (boxes.count("box link"), boxes.count("box end")) == (count - 1, 1)
        assert {e.text for e in root.iter() if e.get("class") == "name"} == {f"cluster {c}" for c in ("host", cluster)}
        graph = picture.render_dot(explanation)
        assert graph.count("style=solid") + graph.count("style=bold") == count
        assert (graph.count("{"), graph.count('"') % 2) == (graph.count("}"), 0)
        drawn = picture.explanation_chart(explanation)
        placed = list(picture._placed_boxes(drawn.boxes, ["host", "test"], 0))
        assert all(b.y > a.y + a.height for a, b in pairwise(placed))
        assert {i for arrow in drawn.arrows for i in arrow} == set(range(len(drawn.boxes)))


def test_what_is_written_into_a_picture_is_escaped() -> None:
    explanation = explain_first(row("Namespace", "a", **DYING, finalizers=['<b>&"x"\x01/y\\']))
    assert 'finalizer <b>&"x"\\x01/y\\' in {
        e.text for e in ElementTree.fromstring(picture.render_svg(explanation)).iter()
    }
    assert r"finalizer <b>&\"x\"\\x01/y\\" in picture.render_dot(explanation)


def test_a_webhook_without_a_backend_is_no_shield() -> None:
    rule = {"operations": ["DELETE"], "apiGroups": [""], "resources": ["namespaces"]}
    hook = {"name": "h", "clientConfig": {"service": {"namespace": "b", "name": "gone"}}, "rules": [rule]}
    hooks = row("ValidatingWebhookConfiguration", "w", "admissionregistration.k8s.io/v1") | {"webhooks": [hook]}
    owned = row("Namespace", "shop", ownerReferences=[WORKSPACE | {"uid": "old"}])
    served = row("Workspace", "another", "tenant.kubesphere.io/v1alpha1")
    explanation = explain_titled(facts([owned, served, hooks]), "Namespace shop")
    assert (explanation.verdict, explanation.sooner) == (
        "lost",
        "As soon as the API server no longer refuses it (ValidatingWebhookConfiguration.admissionregistration.k8s.io w "
        "has failurePolicy Fail and no backend that answers): everything else in the chain runs now.",
    )
    assert explanation.cure[0].startswith("ks-reset plan defuse --out plan.json")


def test_an_entry_of_others_in_the_spec_of_a_namespace_keeps_no_contents() -> None:
    rows = [{"Namespace held": {"spec": {"finalizers": ["example.com/hold"]}}}, {"Namespace wiped": {"spec": {}}}]
    known = facts([expand_object(row) for row in rows])
    held, wiped = (explain_object(known, known.host.identity, obj, ["nothing"]) for obj in known.host.of("Namespace"))
    assert "once deleted its contents go" in held.marks[0].means
    assert "nothing deletes its contents" not in held.marks[0].means
    assert "nothing deletes its contents" in wiped.marks[0].means
