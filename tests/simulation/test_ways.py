"""A refused plan says the way on."""

import pytest
from msgspec import structs

from ks_reset.errors import Refused
from ks_reset.model import FleetFacts, Marks, Obj, Options, Request
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import load_playbook
from ks_reset.simulation import as_sentences, foresee_consequences, losses_by_time, refuse_losses
from ks_reset.simulation.threats import NOW, threatening_marks
from ks_reset.simulation.way_on import way_past_loss
from tests.build import facts
from tests.commands import commands_in
from tests.shorthand import expand_case, expand_dial, expand_object
from tests.simulation.test_explain import incident
from tests.simulation.test_foresee import DEAD, MARKED, OWNED, SERVED


def test_a_plan_refused_by_a_dead_webhook_names_its_backend_and_the_commands_to_remove_it() -> None:
    known = facts([DEAD, MARKED])
    plan = planning.make_plan(load_playbook("uninstall"), known, Options())
    with pytest.raises(Refused) as refused:
        refuse_losses(plan, foresee_consequences(plan, known), known)
    said, named = str(refused.value), "validatingwebhookconfigurations.admissionregistration.k8s.io of-a-user"
    assert "kubectl --context host -n x get endpoints x shows an address" in said
    assert (
        f"get {named} -o yaml > of-a-user.yaml && kubectl --context host delete {named}. Then make the plan again"
        in said
    )
    gone = facts([MARKED])
    plan = planning.make_plan(load_playbook("uninstall"), gone, Options())
    refuse_losses(plan, foresee_consequences(plan, gone), gone)


def test_the_webhook_is_the_one_that_refuses_on_the_cluster_that_refuses() -> None:
    alive = {**DEAD, "metadata": {"name": "another"}, "webhooks": []}
    known = facts([alive, DEAD, MARKED], {"eu": [DEAD]})
    plan = planning.make_plan(load_playbook("uninstall"), known, Options())
    with pytest.raises(Refused) as refused:
        refuse_losses(plan, foresee_consequences(plan, known), known)
    assert (
        "kubectl --context host delete validatingwebhookconfigurations.admissionregistration.k8s.io of-a-user"
        in str(refused.value)
    )
    assert "--context eu" not in str(refused.value)


def way_past(known: FleetFacts, title: str, playbook: str = "uninstall") -> str:
    """The way on where the loss that is to come anyway, of the object of this title, follows from a plan."""
    plan = planning.make_plan(load_playbook(playbook), known, Options())
    losses = [loss for losses in losses_by_time(known).values() for loss in losses]
    subject, effect = next(loss for loss in losses if loss[0].id.title == title)
    return way_past_loss(plan, effect, subject.obj, known)


def test_a_loss_by_an_owner_of_kubespheres_is_prevented_by_defuse() -> None:
    known = facts([SERVED, OWNED])
    assert way_past(known, "Namespace shop").startswith("Cut the ties that lead there first: ks-reset plan defuse ")
    assert way_past(known, "Namespace shop", "defuse").startswith("Keep it meanwhile: ks-reset protect on")


def test_a_loss_by_an_owner_to_be_added_is_prevented_by_defuse() -> None:
    whole = incident(1)
    shop = next(obj for obj in whole.host.of("Namespace") if obj.name == "shop")
    body = {**shop.body, "metadata": {**shop.meta, "labels": {"kubesphere.io/workspace": "ws1"}}}
    others = [obj for obj in whole.host.of("Namespace") if obj is not shop and not obj.owners]
    objects = {**whole.host.objects, "Namespace": (*others, Obj(shop.kind, body))}
    known = structs.replace(whole, host=structs.replace(whole.host, objects=objects))
    losses = losses_by_time(known)[NOW]
    assert [bool(threatening_marks(*loss)) for loss in losses if loss[0].id.title == "Namespace shop"] == [False]
    assert way_past(known, "Namespace shop").startswith("Cut the ties that lead there first: ks-reset plan defuse ")


def test_the_label_of_kubefed_is_a_mark_to_remove_only_where_kubefed_deletes() -> None:
    managed = {"labels": {"kubefed.io/managed": "true"}}
    rows = [
        {"Deployment kube-federation-system/kubefed-controller-manager": {"replicas": 1}},
        "FederatedTypeConfig namespaces -> Namespace",
        "KubeFedCluster host -> host",
        "KubeFedCluster eu -> eu",
        {"Namespace shop": managed},
        "FederatedNamespace shop/shop -> host",
    ]
    dials = [expand_dial(f"{name} -> {name}") for name in ("host", "eu")]
    by_kubefed = facts(
        [expand_object(row) for row in rows], {"eu": [expand_object({"Namespace shop": managed})]}, dials
    )
    ((lost, effect),) = losses_by_time(by_kubefed)[NOW]
    assert threatening_marks(lost, effect) == Marks(labels=managed["labels"])
    unmanaged = lost.without_label("kubefed.io/managed")
    assert threatening_marks(unmanaged, effect) == Marks()
    owned = {**OWNED, "metadata": {**OWNED["metadata"], **managed}}
    ((lost, effect),) = losses_by_time(facts([SERVED, owned]))[NOW]
    assert threatening_marks(lost, effect) == Marks(owners=tuple(OWNED["metadata"]["ownerReferences"]))


def test_losses_of_other_objects_are_counted_without_namespaces() -> None:
    claim = {"kind": "PersistentVolumeClaim", "metadata": {**OWNED["metadata"], "name": "data", "namespace": "shop"}}
    lost = losses_by_time(facts([SERVED, claim]))[NOW]
    said = as_sentences([(NOW, *loss) for loss in lost])
    assert said == "1 object(s) of users would be lost as things stand."


def test_a_plan_that_changes_an_object_of_an_absent_namespace_says_to_create_it_and_then_is_made() -> None:
    marked = {"ConfigMap barn/notes": {"labels": {"kubefed.io/managed": "true"}, "finalizers": ["kubefed.io/x"]}}
    rows = [expand_object(row) for row in ("Namespace kube-system", marked)]
    known = facts(rows)
    plan = planning.make_plan(load_playbook("uninstall"), known, Options())
    with pytest.raises(Refused, match=r"404.* kubectl --context host create namespace barn. .* make the plan again"):
        refuse_losses(plan, foresee_consequences(plan, known), known)
    after = facts([*rows, expand_object("Namespace barn")])
    plan = planning.make_plan(load_playbook("uninstall"), after, Options())
    refuse_losses(plan, foresee_consequences(plan, after), after)


def test_a_loss_that_defuse_does_not_prevent_names_the_owner_reference_and_then_the_plan_is_made() -> None:
    discard = "StatefulSet.apps/kube-system/db"
    helm = {"meta.helm.sh/release-name": "gw", "meta.helm.sh/release-namespace": "extension-gw"}
    labels = {"kubesphere.io/extension-ref": "gw", "kubesphere.io/managed": "true"}

    def fleet(**claim: object) -> FleetFacts:
        rows = [
            "Namespace kube-system",
            {"Namespace extension-gw": {"labels": labels}},
            "Secret extension-gw/sh.helm.release.v1.gw.v1 -> deployed",
            {
                "StatefulSet.v1.apps kube-system/db": {
                    "labels": {"app.kubernetes.io/managed-by": "Helm"},
                    "annotations": helm,
                }
            },
            {"PersistentVolumeClaim kube-system/data": claim},
        ]
        return facts(expand_case({"host": rows})["host"])

    known = fleet(owners=[{"StatefulSet kube-system/db": {"apiVersion": "apps/v1"}}])
    options = Options(Request(discard=(discard,)))
    plan = planning.make_plan(load_playbook("uninstall"), known, options)
    with pytest.raises(Refused, match="loss of PersistentVolumeClaim kube-system/data") as refused:
        refuse_losses(plan, foresee_consequences(plan, known), known)
    said = str(refused.value)
    assert planning.make_plan(load_playbook("defuse"), known, options).actions == ()
    assert "plan defuse" not in said
    removal = '[{"op":"remove","path":"/metadata/ownerReferences"}]'
    command = f"kubectl --context host -n kube-system patch persistentvolumeclaims data --type=json -p '{removal}'"
    assert f"{command}. Then make this plan again: ks-reset plan uninstall --out plan.json." in said
    assert ["ks-reset", "plan", "uninstall", "--out", "plan.json"] in commands_in(said)
    after = fleet()
    plan = planning.make_plan(load_playbook("uninstall"), after, options)
    assert discard.partition("/")[2] in [
        f"{action.namespace}/{action.name}" for action in plan.actions if action.writes
    ]
    refuse_losses(plan, foresee_consequences(plan, after), after)
