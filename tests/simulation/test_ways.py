"""A refused plan says the way on."""

import pytest

from ks_reset.errors import Refused
from ks_reset.model import FleetFacts, Options, Request
from ks_reset.plan import make as planning
from ks_reset.plan.playbook import load_playbook
from ks_reset.simulation import foresee_consequences, refuse_losses
from tests.build import facts
from tests.commands import commands_in
from tests.shorthand import expand_case, expand_object
from tests.simulation.test_foresee import DEAD, MARKED


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
    assert f"{command}. Then make this plan again: ks-reset plan uninstall -o plan.json." in said
    assert ["ks-reset", "plan", "uninstall", "-o", "plan.json"] in commands_in(said)
    after = fleet()
    plan = planning.make_plan(load_playbook("uninstall"), after, options)
    assert discard.partition("/")[2] in [
        f"{action.namespace}/{action.name}" for action in plan.actions if action.writes
    ]
    refuse_losses(plan, foresee_consequences(plan, after), after)
