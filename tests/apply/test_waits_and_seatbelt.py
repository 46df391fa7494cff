"""Verbs that send nothing to users' objects: what waits leave in the journal, and whose seatbelt is taken off."""

from collections.abc import Sequence
from typing import Any

import pytest

from ks_reset import seatbelt
from ks_reset.apply.carry_out import carry_out
from ks_reset.apply.context import Progress, RunContext
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.catalogue.names import VALIDATING_WEBHOOK_KIND
from ks_reset.model import (
    ClusterFacts,
    Kind,
    SeatbeltOff,
    Target,
    WaitQuiet,
    WaitReady,
    WaitStable,
    WatchWorkspaces,
)
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests.build import Rows, action, asked, facts

DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
OFF = action(SeatbeltOff, "uid-of-host", VALIDATING_WEBHOOK_KIND, seatbelt.NAME)


class Everything:
    """Client, eyes and journal of one cluster in one; `events` has what was sent and written, in order."""

    context, lost = "host", False

    def __init__(self) -> None:
        self.events: list[str] = []

    def cluster(self, _: str) -> "Everything":
        return self

    def check_cluster(self, *_: object, **__: object) -> None:
        return

    def begin_watch(self) -> None:
        self.events.append("watch begins")
        if self.lost:
            raise StabilityLost("Namespace shop is being deleted.")

    def let_go(self, names: Sequence[str]) -> None:
        self.events += [f"let go {name}" for name in names]

    def note_watched(self, _: str, namespaces: dict[str, str]) -> None:
        self.events.append(f"watched {namespaces}")

    def delete(self, _: Kind, name: str, namespace: str, uid: str) -> None:
        self.events.append(f"delete {name} {uid}")

    def begin_action(self, begun: Target, _: object) -> None:
        self.events.append(f"begin {begun.verb}")

    def end_actions(self, ended: Sequence[Target], outcome: str) -> None:
        self.events += [f"end {action.verb} {outcome}" for action in ended]

    def note_event(self, event: str, **_: object) -> None:
        self.events.append(event)

    def forget_controllers(self) -> None:
        return

    def proven_locks(self) -> dict[str, str]:
        return {}


def running(rows: Rows, everything: Everything, **request: Any) -> RunContext:
    known, playbook = facts(rows), playbooks.load_playbook("uninstall")
    fake: Any = everything
    plan, progress = planning.make_plan(playbook, known, asked(**request)), Progress(*[lambda *_: None] * 4)
    return RunContext(fake, plan, playbook, fake, progress, 1.0, known, {known.host.identity: fake})


def carried_out(rows: Rows, *actions: Any, **request: Any) -> list[str]:
    everything = Everything()
    carry_out(running(rows, everything, **request), actions)
    return everything.events


@pytest.mark.parametrize(
    ("verb", "function", "more", "events"),
    [
        (WaitReady, "ready.wait_installed", {}, ["end wait-ready watched"] * 2),
        (WaitReady, "ready.wait_joined", {"reaches": "uid"}, ["end wait-ready watched"] * 2),
        (WaitStable, "stable.see_stable", {}, ["end wait-stable watched"] * 2),
        (WatchWorkspaces, "workspaces.watch_uids", {}, ["end watch-workspaces watched"] * 2),
        (WaitQuiet, "quiet.prove_quiet", {}, ["quiet"]),
    ],
)
def test_a_wait_that_facts_cannot_show_ends_in_the_journal(
    verb: type[Target], function: str, more: dict[str, Any], events: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"ks_reset.apply.wait.{function}", lambda *_: None)
    waits = [action(verb, "uid-of-host", DEPLOYMENT, name, **more) for name in ("one", "two")]
    assert carried_out([], *waits) == events


@pytest.mark.parametrize("function", ["ready.wait_installed", "stable.see_stable", "workspaces.watch_uids"])
def test_a_wait_that_fails_has_no_end_in_the_journal(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise TimeoutError

    verbs: dict[str, type[Target]] = {"ready": WaitReady, "stable": WaitStable, "workspaces": WatchWorkspaces}
    monkeypatch.setattr(f"ks_reset.apply.wait.{function}", fail)
    monkeypatch.setattr(Everything, "end_actions", None)
    with pytest.raises(TimeoutError):
        carried_out([], action(verbs[function.partition(".")[0]], "uid-of-host", DEPLOYMENT, "one"))


def seatbelt_of(run: str) -> Rows:
    host: ClusterFacts = facts([]).host
    return [body | {"kind": kind.kind} for kind, body in seatbelt.seatbelt_objects(host, run, "me@here")]


@pytest.mark.parametrize(("run", "deleted"), [("uninstall", True), ("rebind", False), (seatbelt.BY_HAND, False)])
def test_a_seatbelt_is_taken_off_only_by_the_playbook_that_put_it_on(run: str, *, deleted: bool) -> None:
    rows = seatbelt_of(run)
    uid = f"uid-of-{VALIDATING_WEBHOOK_KIND.kind}--{seatbelt.NAME}"
    sent = [f"delete {seatbelt.NAME} {uid}"] if deleted else []
    ended = ["let go team", "watch begins", "end seatbelt-off done", "watched {}"]
    assert carried_out(rows, OFF, accepted=["team"]) == ["begin seatbelt-off", *sent, *ended]


def test_a_namespace_that_goes_with_the_seatbelt_stops_the_run_before_the_action_counts_as_done() -> None:
    everything = Everything()
    everything.lost = True
    with pytest.raises(StabilityLost):
        carry_out(running(seatbelt_of("uninstall"), everything), [OFF])
    assert "end seatbelt-off done" not in everything.events
