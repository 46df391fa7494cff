"""Waiting for readiness: progress restarts the timeout, and a join is complete when its record reaches the member."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.apply.wait import ready
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.cli import app
from ks_reset.errors import Refused, Stopped
from ks_reset.facts.join_status import missing_for_join
from ks_reset.model import Delete, Kind, WaitReady
from ks_reset.plan.file import load_plan
from tests.build import Rows, facts
from tests.commands import commands_in

CLUSTER = Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False)
JOIN = WaitReady("await-members", "uid-of-host", CLUSTER, "eu", reaches="uid-of-eu")


FEDERATION = "kube-federation-system"


class Clock:
    """A clock: each reading adds ten seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 10
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready.time, "monotonic", Clock())
    monkeypatch.setattr(ready, "until", _until)


def _until(done: Callable[[], bool], _: float) -> bool:
    return any(done() for _ in range(1000))


def test_there_is_no_timeout_while_something_progresses() -> None:
    said: list[str] = []
    left = [f"Deployment {number}" for number in range(20)]

    def look() -> tuple[list[str], list[str]]:
        left.pop()
        return list(left), []

    ready._wait_while_moving("host", look, 50, said.append)
    assert (said[0], said[-1]) == ("waiting for 19: Deployment 0", "all of it works")


def test_a_timeout_reports_what_is_waited_for_and_what_is_stuck() -> None:
    why = ["Pod a/b: its image x cannot be pulled"]
    said: list[str] = []
    with pytest.raises(Stopped, match=r"nothing has changed for 50 s. Waiting for: Deployment a/b. Problems"):
        ready._wait_while_moving("host", lambda: (["Deployment a/b"], why), 50, said.append)
    assert said[0] == f"waiting for 1: Deployment a/b; {why[0]}"


def test_a_timeout_without_a_known_reason_says_so() -> None:
    with pytest.raises(Stopped, match="No pod or event gives a reason"):
        ready._wait_while_moving("host", lambda: (["Cluster eu is not there"], []), 50, print)


def dialled(*rows: dict[str, str]) -> Rows:
    return list(rows)


@pytest.mark.parametrize("way", ["KubeFedCluster", "Cluster"])
def test_a_record_that_leads_elsewhere_is_refused(way: str) -> None:
    host = facts([], dials=dialled({"record": "eu", "identity": "host", "way": way})).host
    with pytest.raises(Refused, match=f"The {way} eu on host reaches the cluster uid-of-host, and not uid-of-eu"):
        ready._require_reached(host, JOIN)


def test_a_record_that_reaches_its_member_is_accepted_whatever_other_records_reach() -> None:
    rows = dialled({"record": "eu", "identity": "eu"}, {"record": "host", "identity": "host"})
    host = facts([], dials=rows).host
    ready._require_reached(host, JOIN)
    ready._require_one_record(host)


@pytest.mark.parametrize("rows", [[], [{"record": "eu", "reach": "unreachable", "detail": "no answer"}]])
def test_a_record_that_was_not_reached_is_not_accepted(rows: Rows) -> None:
    with pytest.raises(
        Stopped, match=r"The cluster behind eu on host could not be reached: (no record|KubeFedCluster)"
    ):
        ready._require_reached(facts([], dials=rows).host, JOIN)


def test_two_clusters_for_one_member_stop_the_run_where_nothing_federates() -> None:
    rows = dialled(*({"record": name, "identity": "eu", "way": "Cluster"} for name in ("eu", "old")))
    with pytest.raises(StabilityLost, match="The records eu, old of host"):
        ready._require_one_record(facts([], dials=rows).host)


def test_an_unready_object_is_not_taken_for_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "until", lambda done, _: done() or False)
    with pytest.raises(Stopped, match="changes went on for a day, and it is not ready: Deployment a/b"):
        ready._wait_while_moving("host", lambda: (["Deployment a/b"], []), 50, lambda _: None)


def test_two_records_for_one_cluster_stop_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = dialled({"record": "eu", "identity": "eu"}, {"record": "old", "identity": "eu"})
    about = {"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster"}
    records = [about | {"metadata": {"name": name, "namespace": FEDERATION}} for name in ("eu", "old")]
    known = facts(records, {"eu": []}, rows)
    with pytest.raises(StabilityLost, match="The records eu, old of host reach one cluster") as lost:
        ready._require_one_record(known.host)
    (words,) = commands_in(str(lost.value))
    assert words == ["ks-reset", "plan", "stale-record"]
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    reading.save_snapshot(known, tmp_path / "s.json")
    flags = ["--snapshot", str(tmp_path / "s.json")]
    choice = CliRunner().invoke(app, [*words[1:], *flags]).exception
    (words,) = [words for words in commands_in(str(choice)) if ("--record", "old") in pairwise(words)]
    typed = CliRunner().invoke(app, [*words[1:], "--out", str(tmp_path / "cure.json")])
    assert typed.exit_code == 0, typed.output
    deleted = {a.name for a in load_plan(tmp_path / "cure.json").actions if isinstance(a, Delete)}
    ready._require_one_record(facts([], {"eu": []}, [row for row in rows if row["record"] not in deleted]).host)


@pytest.mark.parametrize(
    ("workspaces", "conditions", "waits_for"),
    [
        ("v1alpha1", ["Ready"], []),
        ("v1beta1", ["Ready", "KSCoreReady"], []),
        ("v1beta1", ["Ready"], ["KubeSphere's core is not installed on the member eu yet"]),
        ("v1beta1", [], ["KubeSphere's core is not installed on the member eu yet", "Cluster eu is not ready"]),
    ],
)
def test_in_4_x_a_member_is_joined_once_its_host_has_put_the_core_on_it(
    workspaces: str, conditions: list[str], waits_for: list[str]
) -> None:
    status = {"conditions": [{"type": each, "status": "True"} for each in conditions]}
    row = {"apiVersion": CLUSTER.api_version, "kind": "Cluster", "metadata": {"name": "eu"}, "status": status}
    host = facts([{"apiVersion": f"tenant.kubesphere.io/{workspaces}", "kind": "Workspace"}, row]).host
    assert list(missing_for_join(host, "eu")) == waits_for
