"""Consequences of a plan, endangered objects and reasons, in the small fleets of the interleavings."""

from typing import Any

import msgspec
import pytest
from msgspec import structs

from ks_reset import seatbelt
from ks_reset.catalogue.names import VALIDATING_WEBHOOK_KEY
from ks_reset.errors import Refused
from ks_reset.model import LOST, Delete, FleetFacts, Kind, Marks, Options, Plan, RemoveMarks, Scale
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import (
    State,
    as_numbered_lines,
    as_sentences,
    explain_loss,
    facts_of,
    foresee_consequences,
    losses_by_time,
    losses_by_way_of,
    refuse_losses,
    run_controllers,
)
from ks_reset.simulation.actions import apply_action
from tests.build import facts
from tests.golden_files import same
from tests.interleavings.small import Small
from tests.shorthand import expand_dial, expand_object

HEALTHY = Small(kubefed=True, stale=False)
WORLDS = {
    "healthy": HEALTHY,
    "two records, kubefed stopped": Small(),
    "a dying Workspace": Small(manager=False, stale=False, workspace="dying"),
    "an owner that is gone": Small(manager=False, stale=False, workspace="gone"),
}
DEAD: dict[str, Any] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "of-a-user"},
    "webhooks": [
        {
            "name": "x.example.com",
            "clientConfig": {"service": {"namespace": "x", "name": "x"}},
            "rules": [{"apiGroups": [""], "operations": ["UPDATE"], "resources": ["namespaces"]}],
        }
    ],
}
DELETE_OF_NAMESPACES = {"apiGroups": [""], "operations": ["DELETE"], "resources": ["namespaces"]}
SERVED = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "another"}}
GONE = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws1", "uid": "old"}
OWNED = {"kind": "Namespace", "metadata": {"name": "shop", "ownerReferences": [GONE]}}
MARKED = {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"kubesphere.io/workspace": "ws1"}}}


def planned(known: FleetFacts, book: Playbook | None = None) -> Plan:
    return planning.make_plan(book or playbooks.load_playbook("uninstall"), known, Options())


def with_steps_first(*first: str) -> Playbook:
    book = playbooks.load_playbook("uninstall")
    front = [e for name in first for e in book.steps if e.step == name]
    return structs.replace(book, steps=(*front, *(e for e in book.steps if e.step not in first)))


@pytest.mark.parametrize("name", WORLDS)
def test_the_consequences_of_an_uninstall_read_as_in_the_golden_file(name: str) -> None:
    known = WORLDS[name].facts()
    found = foresee_consequences(planned(known), known)
    lines = [f"{c.step}: {c.effect.fate} {c.effect.object} {c.is_users}\n{as_numbered_lines(c.effect)}" for c in found]
    refuse_losses(planned(known), found)
    same(f"foresee_{name.replace(' ', '_').replace(',', '')}.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("first", ["remove-tenants", "remove-federated", "remove-types"])
def test_a_plan_that_leads_to_a_loss_is_refused_with_its_chain(first: str) -> None:
    known = HEALTHY.facts()
    plan = planned(known, with_steps_first(first))
    if first == "remove-federated":  # types of kubefed's go first, so that nothing is lost even so
        refuse_losses(plan, foresee_consequences(plan, known))
        return
    with pytest.raises(Refused) as refused:
        refuse_losses(plan, foresee_consequences(plan, known))
    same(f"refused_{first}.txt", f"{refused.value}\n")


def test_a_plan_whose_requests_would_be_refused_is_not_made() -> None:
    known = facts([DEAD, MARKED])
    plan = planned(known)
    with pytest.raises(Refused) as refused:
        refuse_losses(plan, foresee_consequences(plan, known))
    same("refused_by_webhook.txt", f"{refused.value}\n")


def test_a_plan_that_removes_a_webhook_is_refused_for_what_only_this_webhook_has_kept() -> None:
    hooks: dict[str, Any] = {**DEAD, "webhooks": [{**DEAD["webhooks"][0], "rules": [DELETE_OF_NAMESPACES]}]}
    known = facts([hooks, SERVED, OWNED])
    webhook, shop = known.host.of(VALIDATING_WEBHOOK_KEY)[0], known.host.of("Namespace")[0]
    removal = Delete("s", known.host.identity, webhook.kind, webhook.name, uid=webhook.uid)
    marks = Marks(owners=tuple(shop.meta["ownerReferences"]))
    untie = RemoveMarks.on(shop, "r", known.host.identity, "", marks=marks)
    plan = structs.replace(planned(known), steps=("r", "s"), actions=(removal,))
    with pytest.raises(Refused, match="would lead to the loss of Namespace shop"):
        refuse_losses(plan, foresee_consequences(plan, known))
    harmless = structs.replace(plan, actions=(untie, removal))
    refuse_losses(harmless, foresee_consequences(harmless, known))
    defuse = planned(known, playbooks.load_playbook("defuse"))
    assert untie.marks in [action.marks for action in defuse.actions if isinstance(action, RemoveMarks)]
    refuse_losses(defuse, foresee_consequences(defuse, known))


def test_what_a_webhook_has_kept_is_told_beside_what_it_has_not() -> None:
    hooks: dict[str, Any] = {**DEAD, "webhooks": [{**DEAD["webhooks"][0], "rules": [DELETE_OF_NAMESPACES]}]}
    lock = {"kind": "ConfigMap", "metadata": {"name": "lock", "namespace": "shop", "uid": "uid-of-lock"}}
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "lock", "uid": "uid-of-lock"}
    held = {"kind": "ConfigMap", "metadata": {"name": "held", "namespace": "shop", "ownerReferences": [owner]}}
    known = facts([hooks, SERVED, OWNED, lock, held])
    webhook, deleted = known.host.of(VALIDATING_WEBHOOK_KEY)[0], known.host.get("ConfigMap", "lock", "shop")
    assert deleted is not None
    acts = (
        Delete("r", known.host.identity, deleted.kind, "lock", "shop", uid=deleted.uid),
        Delete("s", known.host.identity, webhook.kind, webhook.name, uid=webhook.uid),
    )
    plan = structs.replace(planned(known), steps=("r", "s"), actions=acts)
    lost = [(c.step, c.effect.object) for c in foresee_consequences(plan, known) if c.effect.fate in LOST]
    assert ("r", "ConfigMap shop/held") in lost
    assert "Namespace shop" in [title for _, title in lost]


def test_a_webhook_that_is_removed_has_kept_a_namespace_from_kubefed_too() -> None:
    hooks: dict[str, Any] = {**DEAD, "webhooks": [{**DEAD["webhooks"][0], "rules": [DELETE_OF_NAMESPACES]}]}
    shorthand: list[Any] = [
        {"Deployment kube-federation-system/kubefed-controller-manager": {"replicas": 1}},
        "FederatedTypeConfig namespaces -> Namespace",
        "KubeFedCluster host -> host",
        "KubeFedCluster eu -> eu",
        {"FederatedNamespace other/other": {"spec": {"placement": {"clusters": []}}}},
    ]
    rows = [*map(expand_object, shorthand), hooks]
    member = [expand_object({"Namespace other": {"labels": {"kubefed.io/managed": "true"}}}), hooks]
    known = facts(rows, {"eu": member}, [expand_dial("host -> host"), expand_dial("eu -> eu")])
    eu = known.members[0]
    webhook = eu.of(VALIDATING_WEBHOOK_KEY)[0]
    removal = Delete("s", eu.identity, webhook.kind, webhook.name, uid=webhook.uid)
    plan = structs.replace(planned(known), steps=("s",), actions=(removal,))
    with pytest.raises(Refused, match="would lead to the loss of Namespace other on eu"):
        refuse_losses(plan, foresee_consequences(plan, known))


def test_the_seatbelt_is_not_counted_on() -> None:
    known = HEALTHY.facts()
    assert State.of(known).seatbelt_on == frozenset()
    plan = planned(known, with_steps_first("fasten-seatbelt", "remove-tenants"))
    with pytest.raises(Refused, match="loss of Namespace shop"):
        refuse_losses(plan, foresee_consequences(plan, known))


@pytest.mark.parametrize("name", WORLDS)
def test_endangered_objects_read_as_in_the_golden_file(name: str) -> None:
    known = WORLDS[name].facts()
    lines = []
    for when, found in losses_by_time(known).items():
        lines.append(f"{when}:")
        lines += [f"  {thing.id.title}\n{as_numbered_lines(effect)}" for thing, effect in found]
    lines.append(
        as_sentences(losses_by_way_of(known, "Workspace.tenant.kubesphere.io ws1")) or "nothing by way of the Workspace"
    )
    lines.append(explain_loss(State.of(known), "uid-of-host", "shop"))
    same(f"danger_{name.replace(' ', '_').replace(',', '')}.txt", "\n".join(lines) + "\n")


def test_facts_of_a_state_are_the_facts_it_was_made_of() -> None:
    known = HEALTHY.facts()
    again = facts_of(State.of(known))
    assert set(again.host.objects) == {key for key, found in known.host.objects.items() if found}
    assert {key: set(map(id, objs)) for key, objs in again.host.objects.items()} == {
        key: set(map(id, objs)) for key, objs in known.host.objects.items() if objs
    }
    assert (again.host.kinds, again.host.dials) == (known.host.kinds, known.host.dials)


def test_facts_after_moves_say_what_has_changed() -> None:
    known = Small(kubefed=True).facts()
    after = facts_of(run_controllers(State.of(known)).after)
    text = msgspec.json.format(msgspec.json.encode(after.host.objects, order="sorted"), indent=1).decode()
    same("facts_after.json", text + "\n")
    dying = facts_of(
        State.of(known).with_changes([(i, t.with_fields(deleting=True)) for i, t in State.of(known).objects.items()])
    )
    assert all(obj.deleting for obj in dying.host.all())


def test_each_verb_does_to_a_state_what_the_api_server_would() -> None:
    known = HEALTHY.facts()
    state, lines = State.of(known), []
    for action in planned(known).actions:
        state, move = apply_action(state, action)
        lines.append(f"{action.verb} {action.target}: {move.after if move else 'no request'} {len(state.alive)} alive")
        fields = move and (move.actor, move.deed, move.field, move.why, move.source)
        lines[-1] += f" {len(state.seatbelt_on)} seatbelts on; {fields}"
    again = [a for a in planned(known).actions if isinstance(a, RemoveMarks | Scale) and apply_action(state, a)[1]]
    assert not again, "what is done is not done twice"
    same("acts.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("policy", [True, False], ids=["policy", "webhook"])
def test_the_seatbelt_reads_as_in_its_golden_files(policy: bool) -> None:
    host = facts([]).host
    kind = Kind("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", False)
    world = structs.replace(host, kinds={kind.key: kind} if policy else {})
    objects = seatbelt.seatbelt_objects(world, "uninstall", "me", ("scratch",))
    text = msgspec.json.format(msgspec.json.encode(objects), indent=1).decode()
    same(f"seatbelt_{'policy' if policy else 'webhook'}.json", text + "\n")
