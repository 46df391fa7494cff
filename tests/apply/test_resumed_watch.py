"""The watch of a run that is continued, and the last look of every run."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.apply.context import Progress, RunContext
from ks_reset.apply.run import _resume_watches
from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.cli import app
from ks_reset.errors import Unknown
from ks_reset.journal import Journal
from ks_reset.model import Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.file import load_plan
from ks_reset.simulation import State
from tests.apply.test_watch import FakeCluster
from tests.build import facts
from tests.commands import commands_in

ROWS: list[dict[str, Any]] = [{"kind": "Namespace", "metadata": {"name": n}} for n in ("shop", "kubesphere-system")]
KNOWN = facts(ROWS, {"eu": ROWS})


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    return planning.make_plan(playbooks.load_playbook("uninstall"), KNOWN, Options())


def eyes_on(cluster: FakeCluster, plan: Plan) -> ClusterWatch:
    fake: Any = cluster
    return ClusterWatch(fake, plan, "me", State.of(KNOWN), KNOWN.host)


def test_a_continued_run_misses_a_namespace_that_went_in_between_and_names_the_way_on(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal.of_plan(plan) as journal:
        first = eyes_on(FakeCluster("shop", "kubesphere-system"), plan)
        first.begin_watch()
        _resume_watches(plan, journal, {"uid-of-host": first})
        assert journal.watched_namespaces()["uid-of-host"] == {"shop": "uid of shop"}
        second = eyes_on(FakeCluster("kubesphere-system"), plan)
        second.begin_watch()
        with pytest.raises(StabilityLost, match=r"Namespace shop of host is gone.*An earlier run.*new plan: ") as lost:
            _resume_watches(plan, journal, {"uid-of-host": second})
    (words,) = [words for words in commands_in(str(lost.value)) if words[:2] == ["ks-reset", "plan"]]
    now = structs.replace(facts(ROWS[1:], {"eu": ROWS}), taken="2026-01-01T03:00:00Z")
    reading.save_snapshot(now, tmp_path / "now.json")
    monkeypatch.chdir(tmp_path)
    typed = CliRunner().invoke(app, [*words[1:], "--snapshot", "now.json"])
    assert typed.exit_code == 0, typed.output
    anew = load_plan(tmp_path / words[words.index("--out") + 1])
    with Journal.of_plan(anew) as journal:
        third = eyes_on(FakeCluster("kubesphere-system"), anew)
        third.begin_watch()
        _resume_watches(anew, journal, {"uid-of-host": third})
        assert third.watched == {}


def test_a_namespace_that_the_plan_deletes_may_be_gone_when_the_run_is_continued(plan: Plan) -> None:
    doomed = next(a.uid for a in plan.actions if a.name == "kubesphere-system" and a.verb == "delete")
    with Journal.of_plan(plan) as journal:
        journal.note_watched("uid-of-host", {"kubesphere-system": doomed})
        eyes = eyes_on(FakeCluster("shop"), plan)
        _resume_watches(plan, journal, {"uid-of-host": eyes})
        assert eyes.watched == {}


class Eyes:
    """A watch of a cluster that finds this error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.asked = error, 0

    def check_cluster(self, age: float = 0.0) -> None:
        assert not age
        self.asked += 1
        if self.error:
            raise self.error


class Events:
    """A journal that keeps the names of its events."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def note_event(self, event: str, **_: object) -> None:
        self.events.append(event)


def ended(plan: Plan, host: Eyes, member: Eyes) -> tuple[RunContext, Events]:
    events, quiet = Events(), Progress(*4 * [lambda *_: None])
    every: Any = ({"uid-of-host": host, "uid-of-eu": member}, events, None)
    book = playbooks.load_playbook("uninstall")
    return RunContext(every[2], plan, book, every[1], quiet, 1.0, KNOWN, every[0]), events


def test_every_cluster_is_looked_at_after_the_last_write_and_a_loss_stops_the_run(plan: Plan) -> None:
    host, member = Eyes(), Eyes(StabilityLost("Namespace shop of eu is being deleted."))
    run, _ = ended(plan, host, member)
    with pytest.raises(StabilityLost, match="shop"):
        run.watch_to_the_end()
    assert (host.asked, member.asked) == (1, 1)


def test_a_member_without_an_answer_to_the_last_look_is_left_behind(plan: Plan) -> None:
    run, journal = ended(plan, Eyes(), Eyes(Unknown("no answer")))
    run.watch_to_the_end()
    assert (list(run.lost), journal.events) == (["uid-of-eu"], ["left behind"])
    run.watch_to_the_end()
    host, _ = ended(plan, Eyes(Unknown("no answer")), Eyes())
    with pytest.raises(Unknown):
        host.watch_to_the_end()
