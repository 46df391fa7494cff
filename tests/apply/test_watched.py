"""After the cure of a member, its own Workspaces are watched: by the operator's client, or by the record's own way."""

from typing import Any

import pytest

from ks_reset.apply.wait import watched as subject
from ks_reset.apply.wait import workspaces
from ks_reset.apply.wait.watched import Watched, watched_clusters
from ks_reset.catalogue.names import WORKSPACE_KEY
from ks_reset.cluster.discovery import Discovery
from ks_reset.errors import Stopped, Unknown
from ks_reset.model import Body, FleetFacts, Gap, Kind, Obj, Options, WatchWorkspaces
from ks_reset.plan import file as plan_file
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.report.runbook import Site, command_of
from tests.build import action, asked, facts
from tests.shorthand import expand_case

WORKSPACE = Kind("tenant.kubesphere.io", "v1alpha1", "Workspace", "workspaces", False)
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
HOST = [
    "Deployment kube-federation-system/kubefed-controller-manager",
    *("KubeFedCluster host -> host", "KubeFedCluster eu -> eu", "KubeFedCluster eu-old -> eu"),
    *("Cluster host", "Cluster eu", "FederatedTypeConfig workspaces -> Workspace"),
    *("FederatedWorkspace ws1 -> host, eu", "FederatedWorkspace ws2 -> eu", "FederatedWorkspace ws3 -> host"),
    *("Workspace ws1", "Workspace ws3"),
]
REACHED = ["host -> host", "eu -> eu", "eu-old -> eu"]


def fleet(dials: list[str] = REACHED, *, with_member: bool = True) -> FleetFacts:
    """A host and the member eu with a second record; without the member, its client is not given."""
    case = expand_case({"host": HOST, "members": {"eu": ["Workspace ws1", "Workspace ws2"]}, "dials": dials})
    return facts(case["host"], case["members"] if with_member else {}, case["dials"])


def planned(known: FleetFacts, options: Options | None = None) -> list[WatchWorkspaces]:
    plan = planning.make_plan(playbooks.load_playbook("stale-record"), known, options or Options())
    return [a for a in plan.actions if isinstance(a, WatchWorkspaces)]


@pytest.mark.parametrize("with_member", [True, False], ids=["with a client", "without a client"])
def test_the_cluster_of_the_removed_record_is_watched_through_the_record_that_stays(*, with_member: bool) -> None:
    (watch,) = planned(fleet(with_member=with_member))
    assert (watch.cluster, watch.through) == ("uid-of-host", ("eu",))
    assert "the same on the cluster behind the record eu" in command_of(watch, Site("prod"))


def test_a_cluster_known_by_address_alone_is_watched_too_and_the_host_is_always() -> None:
    rows = [
        {"record": "host", "identity": "host"},
        {"record": "eu", "reach": "unreachable", "endpoint": "https://eu"},
        {"record": "eu-old", "reach": "unreachable", "endpoint": "https://eu"},
    ]
    known = facts(expand_case({"host": HOST})["host"], {}, rows)
    assert [watch.through for watch in planned(known)] == [("eu",)]
    of_host = [{"record": name, "identity": "host"} for name in ("host", "eu-old")]
    assert [watch.through for watch in planned(facts(known_rows(), {}, of_host))] == [()]


def known_rows() -> list[Body]:
    rows: list[Body] = expand_case({"host": HOST})["host"]
    return rows


def test_a_record_that_reaches_no_cluster_of_another_record_adds_nothing() -> None:
    useless = [{"record": "host", "identity": "host"}, {"record": "eu-old", "reach": "no secret"}]
    assert [w.through for w in planned(facts(known_rows(), {}, useless), asked(records=("eu-old",)))] == [()]


def test_a_plan_without_other_clusters_keeps_the_digest_of_earlier_versions() -> None:
    of_host = [{"record": name, "identity": "host"} for name in ("host", "eu-old")]
    plan = planning.make_plan(playbooks.load_playbook("stale-record"), facts(known_rows(), {}, of_host), Options())
    assert b"through" not in plan_file.encode_plan(plan)


class Member:
    """A cluster with these Workspaces; `again` is how often it is asked before a Workspace is re-created."""

    def __init__(self, name: str, *names: str, again: int = 99, served: bool = True) -> None:
        self.context, self.identity, self.names, self.again, self.served = name, f"uid-of-{name}", names, again, served
        self.asked, self.gaps = 0, ()

    def list(self, kind: Kind, *, metadata_only: bool) -> list[Body]:
        assert (kind.key, metadata_only) == (WORKSPACE_KEY, True)
        self.asked += 1
        number = self.asked >= self.again
        return [{"metadata": {"name": name, "uid": f"{name} {number}"}} for name in self.names]

    def discover(self) -> Discovery:
        return Discovery({WORKSPACE_KEY: WORKSPACE} if self.served else {}, self.gaps)


class Run:
    """The parts of a run that a watch reads."""

    def __init__(self, known: FleetFacts, *clients: Member, lost: tuple[str, ...] = ()) -> None:
        self.facts, self.fleet, self.lost = known, self, dict.fromkeys(lost)
        self.clients = {client.identity: client for client in clients}

    def cluster(self, identity: str) -> Member:
        return self.clients[identity]


def watch(**more: Any) -> WatchWorkspaces:
    made: WatchWorkspaces = action(WatchWorkspaces, "uid-of-host", DEPLOYMENT, "kubefed-controller-manager", **more)
    return made


def watched(run: Run, *through: str) -> list[tuple[str, frozenset[str]]]:
    any_run: Any = run
    return [(each.name, each.expected) for each in watched_clusters(any_run, watch(through=through))]


def test_with_the_operators_client_host_and_member_are_watched_each_for_its_own_workspaces() -> None:
    run = Run(fleet(), Member("host"), Member("eu"))
    both = [("host", frozenset({"ws1", "ws3"})), ("eu", frozenset({"ws1", "ws2"}))]
    assert watched(run, "eu") == both
    assert watched(run, "eu", "eu-old", "host") == both
    assert watched(run) == both[:1]


@pytest.mark.parametrize("lost", [(), ("uid-of-eu",)], ids=["no client", "left behind"])
def test_without_it_the_record_leads_there(lost: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[tuple[object, str]] = []

    def connect(host: object, record: Obj) -> Member:
        asked_for.append((host, record.name))
        return Member("eu")

    monkeypatch.setattr(subject, "connect_record", connect)
    host = Member("host")
    run = Run(fleet(with_member=bool(lost)), host, lost=lost)
    assert watched(run, "eu")[1] == ("the cluster behind the record eu", frozenset({"ws1", "ws2"}))
    assert asked_for == [(host, "eu")]


def test_a_record_whose_cluster_is_first_identified_now_counts_with_its_placements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [{"record": "host", "identity": "host"}, {"record": "eu", "reach": "unreachable", "endpoint": "https://eu"}]
    monkeypatch.setattr(subject, "connect_record", lambda *_: Member("eu"))
    run = Run(facts(known_rows(), {}, rows), Member("host"))
    assert watched(run, "eu")[1][1] == {"ws1", "ws2"}


def test_a_cluster_that_does_not_answer_is_not_called_cured_and_the_way_on_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def silent(*_: object) -> Member:
        raise Unknown("The cluster behind the record eu cannot be asked: no answer.")

    monkeypatch.setattr(subject, "connect_record", silent)
    run = Run(fleet(with_member=False), Member("host"))
    with pytest.raises(
        Unknown, match=r"no answer\. So its Workspaces are not watched.*not known\. .*protect off --force"
    ):
        watched(run, "eu")
    with pytest.raises(Unknown, match="The record gone is gone"):
        watched(run, "gone")


def test_a_cluster_that_cannot_have_workspaces_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    eu = Member("eu", served=False)
    monkeypatch.setattr(subject, "connect_record", lambda *_: eu)
    run = Run(fleet(with_member=False), Member("host"))
    with pytest.raises(Unknown, match="does not serve the type Workspace, though kubefed should create ws1, ws2"):
        watched(run, "eu")
    eu.gaps = (Gap("API group tenant.kubesphere.io/v1alpha1", "503"),)  # type: ignore[assignment]
    with pytest.raises(Unknown, match="serves Workspaces is not known: 503"):
        watched(run, "eu")


def test_a_host_without_the_type_has_nothing_to_watch() -> None:
    assert watched(Run(facts([]), Member("host"))) == []


def see(*members: tuple[Member, set[str]], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(workspaces, "_wait_for_lock", lambda *_: None)
    monkeypatch.setattr(workspaces, "until", lambda done, _: any(done() for _ in range(3)))
    clients: list[Any] = [Watched(m.context, m, WORKSPACE, frozenset(names)) for m, names in members]  # type: ignore[arg-type]
    anything: Any = None
    workspaces.watch_uids(anything, watch(seconds=0), clients, 0.1, said.append)
    return said


def test_a_workspace_re_created_on_the_member_is_no_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Member("host", "ws1")
    with pytest.raises(Stopped, match="Not cured: Workspace ws1 of eu was recreated or deleted"):
        see((host, {"ws1"}), (Member("eu", "ws1", "ws2", again=3), {"ws1"}), monkeypatch=monkeypatch)


def test_all_clusters_are_watched_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    host, eu = Member("host", "ws1"), Member("eu", "ws1", "ws2")
    said = see((host, {"ws1"}), (eu, {"ws1", "ws2"}), monkeypatch=monkeypatch)
    assert said[-1] == "3 Workspaces of host, eu unchanged, 0 s to go"
    assert host.asked == eu.asked


def test_a_workspace_that_does_not_return_on_the_member_is_no_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Stopped, match="did not create Workspace ws2 of eu again"):
        see((Member("eu", "ws1"), {"ws1", "ws2"}), monkeypatch=monkeypatch)
