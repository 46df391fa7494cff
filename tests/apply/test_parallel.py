"""Parallel lanes of a run: a failed member drops out, lost stability stops all, unread facts stop the run."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from ks_reset.apply.context import Progress, RunContext
from ks_reset.apply.parallel import at_once, in_lanes
from ks_reset.apply.refresh import require_known, with_known_dials
from ks_reset.errors import Refused, ResetError, Stopped, Unknown
from ks_reset.model import Action, Gap, Options, Reach
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests.build import facts


def test_a_run_stops_on_facts_with_a_gap() -> None:
    world = facts([]).host
    require_known(world, world)
    with pytest.raises(Unknown, match="list of namespaces: 503"):
        require_known(world, structs.replace(world, gaps=(Gap("list of namespaces", "503"),)))


def test_a_record_that_answered_before_has_to_answer_again() -> None:
    rows = [{"record": "a", "identity": "host"}, {"record": "b", "reach": "unreachable"}]
    before = facts([], dials=rows).host
    require_known(before, before)
    with pytest.raises(Unknown, match="The record a was reached when the run began"):
        require_known(before, facts([], dials=[{"record": "a", "reach": "no secret"}]).host)
    require_known(before, facts([], dials=rows[1:]).host)


def silent(record: str) -> Any:
    """A run on a host with answering records of `a` and of the host, and facts with one of them silent."""
    running, rows = run("a"), [{"record": "a", "identity": "a"}, {"record": "host", "identity": "host"}]
    before = facts([], dials=rows).host
    dials = tuple(d.but(reach=Reach.UNREACHABLE, identity="") if d.record == record else d for d in before.dials)
    return running, before, structs.replace(before, dials=dials)


def test_a_record_that_becomes_silent_with_its_member_drops_the_member_and_keeps_its_identity() -> None:
    running, before, now = silent("a")
    kept = with_known_dials(running, before, now)
    assert (list(running.lost), kept.dials) == (["uid-of-a"], before.dials)
    require_known(before, kept)


def test_a_silent_record_that_was_changed_or_reaches_the_host_stops_the_run() -> None:
    running, before, now = silent("host")
    moved = structs.replace(before, dials=tuple(d.but(endpoint="https://else") for d in silent("a")[2].dials))
    for read in (now, moved):
        with pytest.raises(Unknown, match="was reached when the run began"):
            require_known(before, with_known_dials(running, before, read))
    assert running.lost == {}


class FakeJournal:
    """Keeps its events in a list."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, str]]] = []

    def note_event(self, event: str, **fields: str) -> None:
        self.events.append((event, fields))


def run(*members: str) -> Any:
    """A run on a host and these members, without real clusters."""
    fleet = facts([], {name: [] for name in members})
    quiet = Progress(*4 * [lambda *_: None])
    playbook = playbooks.load_playbook("uninstall")
    plan = planning.make_plan(playbook, fleet, Options())
    journal: Any = FakeJournal()
    nobody: Any = None
    return RunContext(nobody, plan, playbook, journal, quiet, 1.0, fleet, {})


def work(run: Any, done: list[str], **errors: ResetError) -> Callable[[str, list[Action]], None]:
    def one(identity: str, _: list[Action]) -> None:
        name = run.cluster_facts(identity).name
        if name in errors:
            raise errors[name]
        done.append(name)

    return one


def actions(run: Any) -> list[Action]:
    kind = planning.make_plan(
        playbooks.load_playbook("uninstall"),
        facts([{"kind": "Namespace", "metadata": {"name": "kubesphere-system"}}]),
        Options(),
    ).actions[0]
    return [structs.replace(kind, cluster=world.identity) for world in run.facts.clusters]


def test_a_member_that_fails_leaves_its_lane_and_the_others_go_on_to_the_host() -> None:
    running, done = run("a", "b", "c"), []
    in_lanes(running, actions(running), work(running, done, b=Unknown("no answer")))
    assert (sorted(done), done[-1]) == (["a", "c", "host"], "host")
    assert {k: str(v) for k, v in running.lost.items()} == {"uid-of-b": "no answer"}
    assert running.journal.events == [("left behind", {"cluster": "uid-of-b", "why": "no answer"})]


def test_lost_stability_in_one_lane_stops_all_lanes_before_the_host() -> None:
    running, done = run("a", "b"), []
    with pytest.raises(Refused, match="danger"):
        in_lanes(running, actions(running), work(running, done, a=Refused("danger")))
    assert "host" not in done
    with pytest.raises(Stopped, match="Another cluster"):
        running.teller_of("uid-of-b")("waiting")
    assert running.lost == {}


def test_any_failure_of_the_host_stops_the_run() -> None:
    running = run("a")
    with pytest.raises(Unknown, match="no answer"):
        in_lanes(running, actions(running), work(running, [], host=Unknown("no answer")))
    with pytest.raises(Unknown, match="no answer"):
        running.leave_behind("uid-of-host", Unknown("no answer"))


def test_a_programming_error_is_not_treated_as_a_lost_member() -> None:
    running = run("a")

    def broken() -> None:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        at_once(running, {"uid-of-a": broken})
    assert running.halt.is_set()
