"""A look is shared for a second by all writes of a cluster, and by no write that asks for one of its own."""

from threading import Thread
from typing import Any

import pytest

from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.apply.watch.look import LOOK_SECONDS
from ks_reset.errors import Unknown
from ks_reset.guards import GuardContext
from ks_reset.model import ClusterFacts, Marks, RemoveMarks
from tests.apply.test_run_lock import ROWS, FakeApi, eyes
from tests.build import facts

KEY = "ValidatingWebhookConfiguration.admissionregistration.k8s.io"


class CountingApi(FakeApi):
    """Counts the lists of webhooks: each look has one."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def list(self, kind: Any, **more: Any) -> Any:
        self.looks += kind.key == KEY
        return super().list(kind, **more)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    for module in ("look", "objects", "cluster"):
        monkeypatch.setattr(f"ks_reset.apply.watch.{module}.time.monotonic", lambda: now[0])
    return now


def looker() -> tuple[CountingApi, ClusterWatch, ClusterFacts]:
    api, world = CountingApi(), facts(ROWS).host
    made: Any = api
    return api, eyes(made), world


def look(watching: ClusterWatch, world: ClusterFacts, age: float = LOOK_SECONDS) -> GuardContext:
    kind = world.kinds["Deployment.apps"]
    return watching.guard_context(RemoveMarks("s", world.identity, kind, "web", marks=Marks()), world, (), age)


def test_it_is_shared_for_a_second_and_not_longer(clock: list[float]) -> None:
    api, watching, world = looker()
    first = look(watching, world)
    clock[0] += LOOK_SECONDS * 0.9
    assert look(watching, world) is first
    assert api.looks == 1
    clock[0] += LOOK_SECONDS * 0.1
    look(watching, world)
    assert api.looks == 2


def test_a_look_of_its_own_is_always_taken(clock: list[float]) -> None:
    api, watching, world = looker()
    look(watching, world)
    look(watching, world, age=0.0)
    assert api.looks == 2


def test_other_facts_of_the_step_need_another_look(clock: list[float]) -> None:
    api, watching, world = looker()
    look(watching, world)
    look(watching, facts(ROWS).host)
    assert api.looks == 2


def test_an_equal_look_has_the_same_context_and_another_one_has_not(clock: list[float]) -> None:
    api, watching, world = looker()
    first = look(watching, world)
    clock[0] += 2
    assert look(watching, world) is first
    api.put(world.kinds[KEY], {"metadata": {"name": "somebody-else"}})
    clock[0] += 2
    second = look(watching, world)
    assert second is not first
    assert [obj.name for obj in second.world.of(KEY)] == ["somebody-else"]
    restarted = ("Deployment.apps a/b",)
    assert watching._last
    assert watching._last.context_with(restarted) is watching._last.context_with(restarted)


def test_a_look_that_fails_is_none_and_the_one_before_serves_no_longer(clock: list[float]) -> None:
    api, watching, world = looker()
    look(watching, world)
    clock[0] += 2
    api.broken = {KEY}
    for _ in range(2):
        with pytest.raises(Unknown, match="of host could not be read"):
            look(watching, world)
    api.broken = set()
    look(watching, world)
    assert api.looks == 4


def test_one_thread_looks_and_the_others_wait_for_it(clock: list[float]) -> None:
    api, watching, world = looker()
    seen: list[GuardContext] = []
    threads = [Thread(target=lambda: seen.append(look(watching, world))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (api.looks, len({id(context) for context in seen}), len(seen)) == (1, 1, 8)
