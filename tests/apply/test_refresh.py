"""What is read again around a step: everything before a deletion, what was touched after it, and nothing twice."""

from typing import Any

import pytest

from ks_reset import facts as reading
from ks_reset.apply import refresh
from ks_reset.apply.context import Progress, RunContext
from ks_reset.errors import Stale, Unknown
from ks_reset.model import Action, ClusterFacts, Delete, Gap, Kind, RemoveMarks, Target
from tests.build import action, facts

ROWS = [
    {"kind": "ConfigMap"},
    {"kind": "Secret"},
    {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"},
]


class Reading:
    """A run on one host; `asked` is what was read of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        monkeypatch.setattr(reading, "reread_cluster", self.read_all)
        monkeypatch.setattr(reading, "refresh_types", self.read_types)
        monkeypatch.setattr(reading, "with_dials", lambda _, world: world)
        fake: Any = type("Fake", (), {"cluster": lambda *_: None, "host": None})()
        plan: Any = type("Plan", (), {"request": type("Request", (), {"shared": ()})})
        playbook: Any = type("Playbook", (), {"scope": "fleet", "unmarks": False, "mends": False})
        told = Progress(*4 * [lambda *_: None])
        monkeypatch.setattr(refresh, "gaps_to_pass", lambda *_: frozenset())
        self.run = RunContext(fake, plan, playbook, fake, told, 1.0, facts(ROWS), {})

    def read_all(self, _: object, world: ClusterFacts) -> ClusterFacts:
        self.asked.append("everything")
        return world

    def read_types(self, _: object, world: ClusterFacts, keys: Any) -> ClusterFacts:
        self.asked.append(" ".join(sorted(keys)))
        return world

    def act(self, verb: type[Target], key: str) -> list[Action]:
        host = self.run.facts.host
        return [action(verb, host.identity, host.kinds[key], "x")]


def test_before_a_deletion_everything_is_read_unless_it_just_was(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Reading(monkeypatch)
    for _ in range(2):
        refresh.read_before(made.run, made.act(Delete, "ConfigMap"))
    assert made.asked == ["everything"]
    made.run._whole[made.run.facts.host.identity] -= refresh.WHOLE_SECONDS + 1
    refresh.read_before(made.run, made.act(Delete, "ConfigMap"))
    assert made.asked == ["everything", "everything"]


def test_marks_need_their_own_types_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Reading(monkeypatch)
    refresh.read_before(made.run, made.act(RemoveMarks, "Secret"))
    refresh.reread_touched(made.run, made.act(Delete, "ConfigMap"))
    assert made.asked == ["Secret", "ConfigMap"]


def test_after_a_type_is_created_or_deleted_all_is_discovered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Reading(monkeypatch)
    refresh.reread_touched(made.run, made.act(Delete, "CustomResourceDefinition.apiextensions.k8s.io"))
    assert made.asked == ["everything"]


def test_facts_of_several_moments_that_contradict_each_other_are_read_again_before_a_run_is_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Reading(monkeypatch)

    def remaining(_: RunContext, step: str) -> list[Action]:
        if made.asked:
            return made.act(Delete, "ConfigMap")
        raise Stale("it still exists")

    monkeypatch.setattr(RunContext, "remaining_in", remaining)
    assert len(refresh.remaining_in(made.run, "sever")) == 1
    assert made.asked == ["everything"]
    monkeypatch.setattr(RunContext, "remaining_in", lambda *_: (_ for _ in ()).throw(Stale("it still exists")))
    with pytest.raises(Stale):
        refresh.remaining_in(made.run, "sever")


class Lists:
    """Answers lists of two types; one of them may fail."""

    def __init__(self, broken: str = "") -> None:
        self.broken = broken

    def list(self, kind: Kind, **_: object) -> list[Any]:
        if kind.kind == self.broken:
            raise Unknown("503")
        return [{"metadata": {"name": "new", "uid": "n"}}]


def test_a_refreshed_type_keeps_the_gaps_of_the_others_and_a_failed_list_reads_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = facts(ROWS, gaps=[{"what": "list of pods", "why": "x"}, {"what": "list of secrets", "why": "y"}]).host
    whole = facts([]).host
    monkeypatch.setattr("ks_reset.facts.gather.reread_cluster", lambda *_: whole)
    good: Any = Lists()
    fresh = reading.refresh_types(good, world, ["Secret"])
    assert [obj.name for obj in fresh.of("Secret")] == ["new"]
    assert fresh.gaps == (Gap("list of pods", "x"),)
    broken: Any = Lists("Secret")
    assert reading.refresh_types(broken, world, ["Secret"]) is whole
    assert reading.refresh_types(good, world, ["Widget.a.io"]) is whole
