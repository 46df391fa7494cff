"""What a run watches while it works, against a cluster of lists: a fake, for speed. test_guarded has the real one."""

from threading import Event, RLock, Thread
from typing import Any

import pytest

from ks_reset.apply.eyes import Eyes
from ks_reset.apply.sentry import Sentry
from ks_reset.errors import Refused
from ks_reset.model import Body, Kind
from ks_reset.world import State
from tests.interleavings.small import Small


class FakeCluster:
    """Answers a list of namespaces."""

    def __init__(self, *names: str) -> None:
        self.namespaces: dict[str, Body] = {n: {"metadata": {"name": n, "uid": f"uid of {n}"}} for n in names}
        self.asked = 0

    def list(self, _: Kind) -> list[Body]:
        self.asked += 1
        return list(self.namespaces.values())


def sentry(cluster: FakeCluster) -> Sentry:
    known = Small(manager=False, stale=False, workspace="dying").facts()
    made: Any = cluster
    return Sentry(made, known.host, State.of(known))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "is gone"),
        ({"metadata": {"name": "shop", "uid": "another"}}, "was made anew"),
        ({"metadata": {"name": "shop", "uid": "uid of shop", "deletionTimestamp": "now"}}, "is being deleted"),
    ],
)
def test_a_namespace_that_is_lost_stops_the_run_with_the_chain(change: Body | None, said: str) -> None:
    cluster = FakeCluster("shop", "kube-system", "kubesphere-system")
    watching = sentry(cluster)
    watching.arm()
    watching.look(age=0)
    cluster.namespaces = {k: v for k, v in cluster.namespaces.items() if k != "shop"} | (
        {"shop": change} if change else {}
    )
    with pytest.raises(Refused, match=f"Namespace shop of host {said}") as refused:
        watching.look(age=0)
    assert "The chain that leads there:\n  1. ks-controller-manager lets go of Workspace" in str(refused.value)


def test_what_no_controller_would_do_is_said_to_be_somebodys_doing() -> None:
    cluster = FakeCluster("intranet", "kube-system")
    watching = sentry(cluster)
    watching.arm()
    del cluster.namespaces["intranet"]
    with pytest.raises(Refused, match="audit log says who"):
        watching.look(age=0)


def test_namespaces_of_kubespheres_and_those_going_already_may_go() -> None:
    cluster = FakeCluster("kubesphere-system", "old", "kube-system")
    cluster.namespaces["old"]["metadata"]["deletionTimestamp"] = "before"
    watching = sentry(cluster)
    watching.arm()
    cluster.namespaces = {"kube-system": cluster.namespaces["kube-system"]}
    watching.look(age=0)
    assert watching.identity == "uid of kube-system"


def test_it_looks_once_a_second_at_most_and_not_before_it_is_armed() -> None:
    cluster = FakeCluster("shop")
    watching = sentry(cluster)
    watching.look(age=0)
    del cluster.namespaces["shop"]
    watching.look(age=0)
    asked = cluster.asked
    watching.look()
    watching.look()
    assert cluster.asked == asked


class Counting(Eyes):
    """Eyes that count how often they open."""

    def __init__(self) -> None:
        self._one, self._looked, self.looks = RLock(), float("-inf"), 0

    def _look(self) -> None:
        self.looks += 1


def test_a_cluster_that_was_looked_at_just_now_is_not_asked_again() -> None:
    eyes = Counting()
    for _ in range(3):
        eyes.look(60)
    assert eyes.looks == 1
    eyes.look()
    assert eyes.looks == 2


def test_nobody_waits_for_another_lanes_look_at_a_cluster_that_is_not_its_own() -> None:
    eyes, inside, over = Counting(), Event(), Event()

    def slow() -> None:
        inside.set()
        assert over.wait(30)

    eyes._look = slow  # type: ignore[method-assign]
    other = Thread(target=eyes.look)
    other.start()
    assert inside.wait(30)
    eyes.look(wait=False)
    over.set()
    other.join()
    assert eyes.looks == 0
