"""Verbs that send nothing to users' objects: what waits leave in the journal, and whose seatbelt is taken off."""

from typing import Any

import pytest

from ks_reset import seatbelt
from ks_reset.apply.carry_out import carry_out
from ks_reset.apply.context import Progress, RunContext
from ks_reset.catalogue.names import VALIDATING_WEBHOOK_KIND
from ks_reset.model import (
    ClusterFacts,
    Kind,
    Options,
    SeatbeltOff,
    Target,
    WaitQuiet,
    WaitReady,
    WaitStable,
    WatchWorkspaces,
)
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests.build import Rows, action, facts

DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)


class Everything:
    """Client, eyes and journal of one cluster in one; `events` has what was sent and written, in order."""

    context = "host"

    def __init__(self) -> None:
        self.events: list[str] = []

    def cluster(self, _: str) -> "Everything":
        return self

    def check_cluster(self, *_: object, **__: object) -> None:
        return

    def begin_watch(self) -> None:
        self.events.append("watch begins")

    def delete(self, _: Kind, name: str, namespace: str, uid: str) -> None:
        self.events.append(f"delete {name} {uid}")

    def begin_action(self, begun: Target, _: object) -> None:
        self.events.append(f"begin {begun.verb}")

    def end_action(self, ended: Target, outcome: str) -> None:
        self.events.append(f"end {ended.verb} {outcome}")

    def note_event(self, event: str, **_: object) -> None:
        self.events.append(event)

    def forget_controllers(self) -> None:
        return

    def proven_locks(self) -> dict[str, str]:
        return {}


def carried_out(rows: Rows, *actions: Any) -> list[str]:
    known, everything, playbook = facts(rows), Everything(), playbooks.load_playbook("uninstall")
    fake: Any = everything
    plan, progress = planning.make_plan(playbook, known, Options()), Progress(*[lambda *_: None] * 4)
    carry_out(RunContext(fake, plan, playbook, fake, progress, 1.0, known, {known.host.identity: fake}), actions)
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
    monkeypatch.setattr(Everything, "end_action", None)
    with pytest.raises(TimeoutError):
        carried_out([], action(verbs[function.partition(".")[0]], "uid-of-host", DEPLOYMENT, "one"))


def seatbelt_of(run: str) -> Rows:
    host: ClusterFacts = facts([]).host
    return [body | {"kind": kind.kind} for kind, body in seatbelt.seatbelt_objects(host, run, "me@here")]


@pytest.mark.parametrize(("run", "deleted"), [("uninstall", True), ("rebind", False), (seatbelt.BY_HAND, False)])
def test_a_seatbelt_is_taken_off_only_by_the_playbook_that_put_it_on(run: str, *, deleted: bool) -> None:
    rows = seatbelt_of(run)
    off = action(SeatbeltOff, "uid-of-host", VALIDATING_WEBHOOK_KIND, seatbelt.NAME)
    uid = f"uid-of-{VALIDATING_WEBHOOK_KIND.kind}--{seatbelt.NAME}"
    sent = [f"delete {seatbelt.NAME} {uid}"] if deleted else []
    assert carried_out(rows, off) == ["begin seatbelt-off", *sent, "end seatbelt-off done", "watch begins"]
