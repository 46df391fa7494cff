"""Watches during a run, on a fake cluster; rehearsal/test_guarded.py has real clusters."""

from threading import Event, RLock, Thread
from typing import Any

import pytest

from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.apply.watch.objects import ObjectWatch, StabilityLost
from ks_reset.errors import Refused
from ks_reset.model import Body, Kind, Obj
from ks_reset.simulation import State
from tests.interleavings.small import Small


class FakeCluster:
    """Answers a list of namespaces."""

    def __init__(self, *names: str) -> None:
        self.namespaces: dict[str, Body] = {n: {"metadata": {"name": n, "uid": f"uid of {n}"}} for n in names}
        self.others: list[Body] = []
        self.asked = 0

    def list(self, kind: Kind, labels: str = "", *, metadata_only: bool = False) -> list[Body]:
        self.asked += 1
        if kind.kind == "Namespace":
            return list(self.namespaces.values())
        assert metadata_only
        return [body for body in self.others if not labels or labels in body["metadata"].get("labels", {})]


def sentry(cluster: FakeCluster) -> ObjectWatch:
    known = Small(manager=False, stale=False, workspace="dying").facts()
    made: Any = cluster
    return ObjectWatch(made, known.host, State.of(known))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "is gone"),
        ({"metadata": {"name": "shop", "uid": "another"}}, "was recreated"),
        ({"metadata": {"name": "shop", "uid": "uid of shop", "deletionTimestamp": "now"}}, "is being deleted"),
    ],
)
def test_a_namespace_that_is_lost_stops_the_run_with_the_chain(change: Body | None, said: str) -> None:
    cluster = FakeCluster("shop", "kube-system", "kubesphere-system")
    watching = sentry(cluster)
    watching.begin_watch()
    watching.check_objects(age=0)
    cluster.namespaces = {k: v for k, v in cluster.namespaces.items() if k != "shop"} | (
        {"shop": change} if change else {}
    )
    with pytest.raises(Refused, match=f"Namespace shop of host {said}") as refused:
        watching.check_objects(age=0)
    assert "The chain that leads there:\n  1. ks-controller-manager lets go of Workspace" in str(refused.value)


def test_a_loss_that_no_controller_causes_is_attributed_to_somebody() -> None:
    cluster = FakeCluster("intranet", "kube-system")
    watching = sentry(cluster)
    watching.begin_watch()
    del cluster.namespaces["intranet"]
    with pytest.raises(Refused, match="audit log says who"):
        watching.check_objects(age=0)


def test_namespaces_of_kubesphere_and_those_in_deletion_may_be_deleted() -> None:
    cluster = FakeCluster("kubesphere-system", "old", "kube-system")
    cluster.namespaces["old"]["metadata"]["deletionTimestamp"] = "before"
    watching = sentry(cluster)
    watching.begin_watch()
    cluster.namespaces = {"kube-system": cluster.namespaces["kube-system"]}
    watching.check_objects(age=0)
    assert watching.identity == "uid of kube-system"


def test_it_polls_at_most_once_a_second_and_not_before_it_is_armed() -> None:
    cluster = FakeCluster("shop")
    watching = sentry(cluster)
    watching.check_objects(age=0)
    del cluster.namespaces["shop"]
    watching.check_objects(age=0)
    asked = cluster.asked
    watching.check_objects()
    watching.check_objects()
    assert cluster.asked == asked


class Counting(ClusterWatch):
    """A watch with a count of its polls."""

    def __init__(self) -> None:
        self._mutex, self._looked, self.looks = RLock(), float("-inf"), 0

    def _check_lock_and_objects(self, age: float) -> None:
        self.looks += 1


def test_a_cluster_polled_just_now_is_not_polled_again() -> None:
    eyes = Counting()
    for _ in range(3):
        eyes.check_cluster(60)
    assert eyes.looks == 1
    eyes.check_cluster()
    assert eyes.looks == 2


def test_a_lane_does_not_wait_for_a_poll_of_another_lanes_cluster() -> None:
    eyes, inside, over = Counting(), Event(), Event()

    def slow(_: float) -> None:
        inside.set()
        assert over.wait(30)

    eyes._check_lock_and_objects = slow  # type: ignore[method-assign]
    other = Thread(target=eyes.check_cluster)
    other.start()
    assert inside.wait(30)
    eyes.check_cluster(wait=False)
    over.set()
    other.join()
    assert eyes.looks == 0


WORKSPACES = Kind("tenant.kubesphere.io", "v1alpha1", "Workspace", "workspaces", False)
DEPLOYMENTS = Kind("apps", "v1", "Deployment", "deployments", True)


def held(*names: str) -> tuple[FakeCluster, ObjectWatch, list[Obj]]:
    """An ObjectWatch of these Workspaces."""
    cluster = FakeCluster("kube-system")
    cluster.others = [{"metadata": {"name": name, "uid": f"uid of {name}"}} for name in names]
    watching, objs = sentry(cluster), [Obj(WORKSPACES, body) for body in cluster.others]
    watching.hold_objects(objs)
    watching.check_objects(age=0)
    return cluster, watching, objs


@pytest.mark.parametrize("now", [[], [{"metadata": {"name": "ws1", "uid": "another"}}]])
def test_a_watched_object_has_to_keep_its_uid(now: list[Body]) -> None:
    cluster, watching, _ = held("ws1")
    cluster.others = now
    with pytest.raises(StabilityLost, match=r"Workspace\.tenant\.kubesphere\.io ws1 of host") as danger:
        watching.check_objects(age=0)
    assert danger.value.obj is not None
    assert (danger.value.cluster, danger.value.obj.uid) == ("uid-of-host", "uid of ws1")


def test_a_resumed_run_detects_an_object_recreated_before() -> None:
    _, watching, _ = held("ws1")
    before = Obj(WORKSPACES, {"metadata": {"name": "ws2", "uid": "before the night"}})
    with pytest.raises(StabilityLost, match="is gone"):
        watching.hold_objects([before])


def test_a_released_canary_may_be_deleted_with_its_contents() -> None:
    home, labels = "ks-reset-canary-ws1", {"ks-reset/canary": "ws1"}
    cluster = FakeCluster("kube-system", home)
    inside = {"metadata": {"name": "canary", "namespace": home, "uid": "d", "labels": labels}}
    cluster.others = [inside, {"metadata": {"name": "web", "namespace": "shop", "uid": "w"}}]
    watching = sentry(cluster)
    namespace = Kind("", "v1", "Namespace", "namespaces", False)
    watching.hold_objects([Obj(namespace, cluster.namespaces[home]), Obj(DEPLOYMENTS, inside)])
    watching.release_object(namespace, home)
    del cluster.namespaces[home]
    cluster.others = []
    watching.check_objects(age=0)


def test_a_namespace_that_the_plan_deletes_is_not_watched_any_more() -> None:
    cluster = FakeCluster("shop", "weave")
    watching = sentry(cluster)
    watching.begin_watch()
    watching.release_object(Kind("", "v1", "Namespace", "namespaces", False), "weave")
    del cluster.namespaces["weave"]
    watching.check_objects(age=0)
    del cluster.namespaces["shop"]
    with pytest.raises(StabilityLost, match="Namespace shop"):
        watching.check_objects(age=0)


def test_a_watch_that_begins_again_still_misses_what_it_watched_before() -> None:
    cluster = FakeCluster("shop", "kube-system")
    watching = sentry(cluster)
    watching.begin_watch()
    cluster.namespaces["shop"]["metadata"]["deletionTimestamp"] = "now"
    cluster.namespaces["new"] = {"metadata": {"name": "new", "uid": "uid of new"}}
    with pytest.raises(StabilityLost, match="Namespace shop of host is being deleted"):
        watching.begin_watch()
    cluster.namespaces["shop"]["metadata"].pop("deletionTimestamp")
    watching.begin_watch()
    assert watching.watched == {name: f"uid of {name}" for name in ("shop", "kube-system", "new")}


def test_a_namespace_that_is_let_go_is_not_watched_again() -> None:
    cluster = FakeCluster("shop", "kube-system")
    watching = sentry(cluster)
    watching.begin_watch()
    watching.release_object(Kind("", "v1", "Namespace", "namespaces", False), "shop")
    watching.begin_watch()
    watching.watch_namespaces({"shop": "uid of shop"})
    assert watching.watched == {"kube-system": "uid of kube-system"}


@pytest.mark.parametrize(
    ("shop", "said"),
    [
        ({"name": "shop", "uid": "another"}, "was recreated"),
        ({"name": "shop", "uid": "uid of shop", "deletionTimestamp": "now"}, "is being deleted"),
        (None, "is gone"),
    ],
)
def test_a_resumed_run_misses_a_namespace_that_the_earlier_one_watched(shop: Body | None, said: str) -> None:
    cluster = FakeCluster("kube-system")
    cluster.namespaces |= {"shop": {"metadata": shop}} if shop else {}
    watching = sentry(cluster)
    watching.begin_watch()
    watching.watch_namespaces({"shop": "uid of shop"})
    with pytest.raises(StabilityLost, match=f"Namespace shop of host {said}"):
        watching.check_objects(age=0)


def test_a_look_that_may_not_be_old_is_taken_right_after_another_one() -> None:
    cluster = FakeCluster("shop", "kube-system", "kubesphere-system")
    eyes = Counting()
    eyes._objects, eyes._open = sentry(cluster), True
    eyes._check_lock = lambda: None  # type: ignore[method-assign]
    eyes._objects.begin_watch()
    eyes._objects.check_objects(age=0)
    cluster.namespaces = {k: v for k, v in cluster.namespaces.items() if k != "shop"}
    ClusterWatch._check_lock_and_objects(eyes, 1.0)
    with pytest.raises(StabilityLost, match="Namespace shop of host is gone"):
        ClusterWatch._check_lock_and_objects(eyes, 0.0)
