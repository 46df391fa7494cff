"""The workflow `protect`: unread facts and foreseen losses keep a seatbelt on."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from ks_reset import facts as reading
from ks_reset import seatbelt
from ks_reset.cluster import Target
from ks_reset.errors import Refused, Unknown
from ks_reset.facts import Clients
from ks_reset.model import FleetFacts, Gap
from ks_reset.workflows import protect
from ks_reset.workflows.protect import Removal, gap_concerns, put_seatbelts_on, take_seatbelts_off
from tests.build import Rows, facts
from tests.interleavings.small import Small
from tests.recorder import Recorder

API = "admissionregistration.k8s.io"


@pytest.mark.parametrize("what", ["API group /v1", f"API group {API}/v1", "list of namespaces"])
def test_unread_seatbelt_types_stop_the_command(what: str) -> None:
    assert gap_concerns(Gap(what, ""), {"", API})
    assert not gap_concerns(Gap("API group metrics.k8s.io/v1beta1", ""), {"", API})


class FakeClient:
    """A client that only notes deletions."""

    def __init__(self, context: str) -> None:
        self.context, self.way, self.deleted = context, Target("/k u/config", context), list[str]()

    def delete(self, kind: Any, name: str, *_: str) -> None:
        self.deleted.append(f"{kind.kind} {name}")


class Fleet:
    """Facts that are read, the clients they are read by, and what the operator was told."""

    def __init__(self, known: FleetFacts, monkeypatch: pytest.MonkeyPatch) -> None:
        self.facts, self.user = known, Recorder()
        self.host = FakeClient("host")
        self.members = {world.name: FakeClient(f"{world.name}-admin") for world in known.members}
        by_name = {world.name: world for world in known.clusters}
        monkeypatch.setattr(reading, "read_fleet", lambda *_: self.facts)
        monkeypatch.setattr(reading, "read_types", lambda _, name, __: structs.replace(by_name[name], gaps=()))

    def take_off(self, *accepted: str, force: bool = False) -> None:
        clients: Any = Clients(self.host, self.members)  # type: ignore[arg-type]  # two stand-ins
        take_seatbelts_off(clients, Removal(accepted, force), self.user)

    @property
    def deleted(self) -> list[str]:
        return [*self.host.deleted, *(name for each in self.members.values() for name in each.deleted)]


def worn(known: FleetFacts, run: str = seatbelt.BY_HAND) -> FleetFacts:
    """The same fleet with a seatbelt on in every cluster."""

    def on(world: Any) -> Any:
        parts = seatbelt.seatbelt_objects(world, run, "ops@bastion")
        rows: Rows = [body | {"apiVersion": kind.api_version, "kind": kind.kind} for kind, body in parts]
        made = facts(rows).host
        return structs.replace(world, kinds=world.kinds | made.kinds, objects=world.objects | made.objects)

    return structs.replace(known, host=on(known.host), members=tuple(map(on, known.members)))


MakeFleet = Callable[[FleetFacts], Fleet]
GONE = Small(stale=False, workspace="gone")


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> MakeFleet:
    return lambda known: Fleet(known, monkeypatch)


def test_a_seatbelt_that_keeps_nothing_comes_off_everywhere(fleet: MakeFleet) -> None:
    made = fleet(worn(Small(stale=False).facts()))
    made.take_off()
    assert made.deleted == 2 * [f"ValidatingWebhookConfiguration {seatbelt.NAME}"]
    assert made.user.lines == ["test: off, 1 write(s).", "host: off, 1 write(s)."]


def test_without_a_seatbelt_nothing_is_read_and_nothing_is_refused(fleet: MakeFleet) -> None:
    made = fleet(structs.replace(GONE.facts(), missing=()))
    made.take_off()
    assert (made.deleted, made.user.lines) == ([], ["test: was off.", "host: was off."])


@pytest.mark.parametrize(
    ("small", "book"),
    [
        (GONE, "defuse"),
        (Small(manager=True, stale=False, workspace="dying"), "defuse"),
        (Small(kubefed=True), "stale-record"),
        (Small(), "stale-record"),
    ],
)
def test_a_loss_keeps_it_on_with_the_chain_and_the_command_against_it(
    fleet: MakeFleet, small: Small, book: str
) -> None:
    made = fleet(worn(small.facts()))
    with pytest.raises(Refused) as refused:
        made.take_off()
    flags = "--kubeconfig '/k u/config' --context host --member test=test-admin"
    assert f"ks-reset plan {book} {flags} --out {book}.json" in str(refused.value)
    assert f"ks-reset apply {book}.json {flags}" in str(refused.value)
    assert "  1. " in str(refused.value)
    assert f"ks-reset protect off {flags} --accept-loss" in str(refused.value)
    assert made.deleted == []


def test_an_accepted_loss_lets_it_come_off_and_another_does_not(fleet: MakeFleet) -> None:
    made = fleet(worn(GONE.facts()))
    with pytest.raises(Refused, match="--accept-loss shop"):
        made.take_off("catalog")
    made.take_off("shop")
    assert len(made.deleted) == 2
    assert "Accepted: 1 object(s)" in made.user.lines[0]


def test_force_is_for_the_owner_alone(fleet: MakeFleet) -> None:
    made = fleet(worn(GONE.facts(), "uninstall"))
    with pytest.raises(Refused, match="belongs to the playbook uninstall"):
        made.take_off("shop")
    with pytest.raises(Refused, match="stays on"):
        made.take_off(force=True)
    assert made.deleted == []
    made.take_off("shop", force=True)
    assert len(made.deleted) == 2


def test_what_could_not_be_read_keeps_it_on(fleet: MakeFleet) -> None:
    known = worn(Small(stale=False).facts())
    gap = structs.replace(known.host, gaps=(Gap("list of pods", "503"),))
    for unknown in (
        structs.replace(known, host=gap),
        structs.replace(known, missing=facts([], missing=[{"name": "eu", "context": "eu", "why": "no route"}]).missing),
    ):
        made = fleet(unknown)
        with pytest.raises(Unknown, match="stays on"):
            made.take_off("shop", force=True)
        assert made.deleted == []


def test_a_member_read_without_its_host_keeps_it_on(fleet: MakeFleet) -> None:
    role, about = "kubefed-controller-manager:test-kubesphere", {"apiVersion": "rbac.authorization.k8s.io/v1"}
    subject = {"kind": "ServiceAccount", "namespace": "kube-federation-system", "name": "test-kubesphere"}
    rules = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, {"verbs": ["get"], "nonResourceURLs": ["*"]}]
    rows: Rows = [
        {"kind": "ServiceAccount", "metadata": {"name": "test-kubesphere", "namespace": "kube-federation-system"}},
        {"kind": "ClusterRole", "metadata": {"name": role}, "rules": rules, **about},
        {
            "kind": "ClusterRoleBinding",
            "metadata": {"name": role},
            "roleRef": {"kind": "ClusterRole", "name": role},
            "subjects": [subject],
            **about,
        },
    ]
    made = fleet(worn(facts(rows)))
    with pytest.raises(Unknown, match="Name that host with --context CONTEXT-OF-THAT-HOST"):
        made.take_off()
    assert made.deleted == []


@pytest.mark.parametrize("worse", ["test", "host"])
def test_of_two_clusters_without_a_seatbelt_the_worse_error_is_raised(
    worse: str, fleet: MakeFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any, name: str, *__: Any) -> int:
        raise Refused(f"{name} refuses") if name == worse else Unknown(f"{name} is silent")

    made = fleet(Small(stale=False).facts())
    monkeypatch.setattr(protect, "_put_on", fail)
    clients: Any = Clients(made.host, made.members)  # type: ignore[arg-type]  # two stand-ins
    with pytest.raises(Refused, match=f"{worse} refuses At the same time: .* is silent"):
        put_seatbelts_on(clients, (), 1, made.user)
    assert made.user.lines == ["test: not seen to be on.", "host: not seen to be on."]
