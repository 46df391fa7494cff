"""Several errors at once: the worst by a declared order is raised, and tells all the others."""

from collections.abc import Callable
from itertools import permutations
from threading import Barrier
from typing import Any

import pytest

from ks_reset.apply.context import RunContext
from ks_reset.apply.parallel import at_once
from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.apply.worst import Halted, raise_worst, worst_of
from ks_reset.errors import Denied, Forbidden, Refused, ResetError, Retry, Stale, Stopped, Unknown, Usage
from ks_reset.model import Obj
from tests.apply.test_parallel import run
from tests.build import body_of, kind_of

WORSE_FIRST: list[BaseException] = [
    StabilityLost("lost"),
    KeyError("ours"),
    Refused("refused"),
    Stale("stale"),
    Usage("usage"),
    Denied("denied"),
    Forbidden("forbidden"),
    Unknown("unknown"),
    Stopped("stopped"),
    Retry("retry"),
    Halted("halted"),
]


@pytest.mark.parametrize("worse", range(len(WORSE_FIRST) - 1))
def test_of_two_errors_the_worse_one_is_raised_in_either_order(worse: int) -> None:
    for pair in permutations(WORSE_FIRST[worse : worse + 2]):
        made = [type(error)(*error.args) for error in pair]
        assert type(worst_of(made)) is type(WORSE_FIRST[worse])


def test_the_others_are_told_once_and_a_lane_that_was_only_stopped_is_not() -> None:
    errors = [Halted("another"), Unknown("no answer."), Unknown("no answer."), Refused("lock lost."), KeyError("ours")]
    worst = worst_of([*errors, StabilityLost("shop is gone.")])
    assert str(worst) == "shop is gone. At the same time: KeyError: 'ours' lock lost. no answer."


def test_one_error_keeps_its_text_and_none_raises_nothing() -> None:
    assert str(worst_of([Refused("lock lost.")])) == "lock lost."
    raise_worst([])


def failing(barrier: Barrier, error: BaseException) -> Callable[[], None]:
    """A lane which fails once all lanes are about to fail."""

    def lane() -> None:
        barrier.wait(30)
        raise error

    return lane


@pytest.mark.parametrize("first", [Refused("lock lost."), Stale("another cluster."), Retry("503."), KeyError("ours")])
def test_a_loss_in_one_lane_is_not_hidden_by_an_error_in_an_earlier_one(first: BaseException) -> None:
    row = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "ws1"}}
    lost, barrier = Obj(kind_of(row), body_of(row)), Barrier(2)
    lanes = {"uid-of-a": failing(barrier, first), "uid-of-b": failing(barrier, StabilityLost("gone.", "b", lost))}
    running = run("a", "b")
    with pytest.raises(StabilityLost, match=r"gone\.") as raised:
        at_once(running, lanes)
    assert (raised.value.cluster, raised.value.obj) == ("b", lost)
    told = str(raised.value) + " ".join(str(error) for error in running.lost.values())
    assert str(first) in told


def test_a_member_without_an_answer_is_told_when_another_lane_stops_the_run() -> None:
    running = run("a", "b")
    running.halt.set()
    running.leave_behind("uid-of-a", Unknown("no answer"))
    assert list(running.lost) == ["uid-of-a"]
    with pytest.raises(Halted):
        running.leave_behind("uid-of-b", Halted("another"))


class Eyes:
    """A watch with one result."""

    def __init__(self, error: ResetError | None = None) -> None:
        self.error = error

    def check_cluster(self, _: float, *, wait: bool) -> None:
        assert isinstance(wait, bool)
        if self.error:
            raise self.error


def test_a_loss_on_one_cluster_is_not_hidden_by_the_lock_of_another() -> None:
    running: RunContext = run("a", "b")
    eyes: Any = {
        "uid-of-a": Eyes(Refused("lock lost.")),
        "uid-of-b": Eyes(StabilityLost("gone.")),
        "uid-of-host": Eyes(),
    }
    running.eyes = eyes
    with pytest.raises(StabilityLost, match=r"gone\. At the same time: lock lost\."):
        running.watch_clusters("uid-of-a")


class Sighted(ClusterWatch):
    """A watch on a cluster with a lock of another run and a lost object."""

    def __init__(self, *, watching: bool) -> None:
        objects: Any = self
        self._objects, self._open = objects, watching

    def _check_lock(self) -> None:
        raise Refused("lock lost.")

    def check_objects(self, age: float) -> None:
        raise StabilityLost("gone.")


def test_a_loss_is_not_hidden_by_the_lock_of_its_own_cluster() -> None:
    with pytest.raises(StabilityLost, match=r"gone\. At the same time: lock lost\."):
        Sighted(watching=True)._check_lock_and_objects(1.0)
    with pytest.raises(Refused, match=r"^lock lost\.$"):
        Sighted(watching=False)._check_lock_and_objects(1.0)
