"""The step loosen-seatbelt: everything is read again, and a loss the plan does not accept keeps the seatbelt on."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset import facts as reading
from ks_reset import seatbelt
from ks_reset.apply.context import Progress, RunContext
from ks_reset.apply.write.seatbelt import refuse_losses_by_taking_off
from ks_reset.cluster import Target
from ks_reset.errors import Refused, Unknown
from ks_reset.facts import Clients
from ks_reset.model import ClusterFacts, FleetFacts, Gap, SeatbeltOff
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.workflows.protect import Removal, take_seatbelts_off
from tests.build import Rows, asked, facts
from tests.commands import commands_in, has_way_on
from tests.interleavings.small import TIE
from tests.recorder import Recorder


def worn(run: str) -> Rows:
    kind = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    return [kind | {"metadata": {"name": seatbelt.NAME, "annotations": {seatbelt.RUN: run}}, "webhooks": []}]


DANGER: Rows = [
    {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace"},
    {"kind": "Namespace", "metadata": {"name": "shop", "ownerReferences": [TIE | {"uid": "old"}]}},
]


class FakeClient:
    """A client with a context, for a cluster known by its identity."""

    context, way, known = "prod", Target(), "uid-of-host"


class FakeJournal:
    """Keeps its events in a list."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def note_event(self, event: str, **fields: Any) -> None:
        self.events.append((event, fields))


def run(known: FleetFacts, monkeypatch: pytest.MonkeyPatch, fresh: ClusterFacts, *accepted: str) -> Any:
    """A run on a host whose facts are `known`, and `fresh` once they are read again."""
    return running(known, monkeypatch, fresh, accepted=accepted)


def running(known: FleetFacts, monkeypatch: pytest.MonkeyPatch, fresh: ClusterFacts, **request: Any) -> Any:
    """The same, of a plan with these choices."""
    monkeypatch.setattr(reading, "reread_cluster", lambda *_: fresh)
    monkeypatch.setattr(reading, "with_dials", lambda _, world: world)
    plan = planning.make_plan(playbooks.load_playbook("stale-record"), known, asked(**request))
    journal: Any = FakeJournal()
    clients: Any = Clients(FakeClient(), {})  # type: ignore[arg-type]  # nothing is asked
    quiet = Progress(*4 * [lambda *_: None])
    return RunContext(clients, plan, playbooks.load_playbook("stale-record"), journal, quiet, 1.0, known, {})


def off(world: ClusterFacts) -> list[SeatbeltOff]:
    return [SeatbeltOff("loosen-seatbelt", world.identity, world.kinds[seatbelt.KINDS[-1]], seatbelt.NAME)]


def test_a_loss_in_fresh_facts_keeps_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    before, fresh = facts(worn("stale-record")), facts([*worn("stale-record"), *DANGER]).host
    made = run(before, monkeypatch, fresh)
    with pytest.raises(Refused) as refused:
        refuse_losses_by_taking_off(made, off(before.host))
    assert "ks-reset plan defuse --context prod --out defuse.json" in str(refused.value)
    accept = "ks-reset plan stale-record --out stale-record.json, with the same flags and --accept-loss shop"
    assert accept in str(refused.value)
    assert made.journal.events == []


def test_the_plan_accepts_a_loss_and_the_journal_notes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before, fresh = facts(worn("stale-record")), facts([*worn("stale-record"), *DANGER]).host
    made = run(before, monkeypatch, fresh, "shop")
    refuse_losses_by_taking_off(made, off(before.host))
    noted = {"namespaces": ("shop",), "objects": ["Namespace shop on host"]}
    assert made.journal.events == [("loss accepted", noted)]


def test_unread_facts_keep_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    before = facts(worn("stale-record"))
    fresh = structs.replace(before.host, gaps=(Gap("list of pods", "503"),))
    with pytest.raises(Unknown, match="list of pods"):
        refuse_losses_by_taking_off(run(before, monkeypatch, fresh), off(before.host))


def test_the_seatbelt_of_another_stays_anyway(monkeypatch: pytest.MonkeyPatch) -> None:
    known = facts([*worn("protect"), *DANGER])
    refuse_losses_by_taking_off(run(known, monkeypatch, known.host), off(known.host))


JOIN = "kubefed-controller-manager:prod-eu"
JOINED: Rows = [
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": JOIN},
        "roleRef": {"kind": "ClusterRole", "name": JOIN},
        "subjects": [{"kind": "ServiceAccount", "namespace": "kube-federation-system", "name": "prod-eu"}],
    }
]


def test_the_join_of_another_host_keeps_it_on_as_for_protect_off(monkeypatch: pytest.MonkeyPatch) -> None:
    known = facts([*worn("stale-record"), *JOINED])
    made = running(known, monkeypatch, known.host)
    with pytest.raises(Unknown) as step:
        refuse_losses_by_taking_off(made, off(known.host))
    monkeypatch.setattr(reading, "read_fleet", lambda *_: known)
    monkeypatch.setattr(reading, "read_types", lambda *_: known.host)
    with pytest.raises(Unknown) as command:
        take_seatbelts_off(made.fleet, Removal(force=True), Recorder())
    assert str(step.value) == str(command.value)
    assert "stays on" in str(step.value)
    adopt = "ks-reset plan adopt-member --context host --gone-host prod-eu --out adopt-member.json"
    assert adopt.split() in commands_in(str(step.value))
    assert has_way_on(str(step.value))


@pytest.mark.parametrize(
    "choices", [{"gone": ["prod-eu"]}, {"joins": ["uid-of-host/prod-eu"]}, {"shared": ["host"]}], ids=str
)
def test_what_the_plan_says_of_the_other_host_counts(
    monkeypatch: pytest.MonkeyPatch, choices: dict[str, list[str]]
) -> None:
    known = facts([*worn("stale-record"), *JOINED])
    refuse_losses_by_taking_off(running(known, monkeypatch, known.host, **choices), off(known.host))


def test_a_member_left_for_later_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = [{"name": "eu", "context": "eu-admin", "why": "no route"}]
    known = facts(worn("stale-record"), missing=silent)
    with pytest.raises(Unknown, match="kubectl --context eu-admin version"):
        refuse_losses_by_taking_off(running(known, monkeypatch, known.host), off(known.host))
    refuse_losses_by_taking_off(running(known, monkeypatch, known.host, later=["eu"]), off(known.host))
