"""The run lock of a cluster and the reads before each write, on a fake; rehearsal/test_guarded.py has real clusters."""

from typing import Any

import pytest
from msgspec import structs

from ks_reset import seatbelt
from ks_reset.apply.wait.leader_lock import _lease_seconds
from ks_reset.apply.watch.cluster import ClusterWatch
from ks_reset.apply.watch.run_lock import RunLock
from ks_reset.apply.write.json_patch import operations_to_remove
from ks_reset.apply.write.patches import patch_request
from ks_reset.apply.write.request import Request, send_request
from ks_reset.catalogue.names import LEASE_KIND
from ks_reset.cluster.transport import NotFound
from ks_reset.errors import Conflict, Refused, Retry, Unknown
from ks_reset.model import Body, Delete, Kind, Marks, Obj, Options, RemoveMarks
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.simulation import State
from tests.build import facts

SYSTEM = "kubesphere-system"
ROWS: list[dict[str, Any]] = [
    {"kind": "Namespace", "metadata": {"name": SYSTEM}},
    {"kind": "PersistentVolumeClaim"},
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "ks-controller-manager", "namespace": SYSTEM},
        "spec": {"replicas": 1},
    },
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}},
    {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"},
]


class FakeApi:
    """Stores objects with resource versions like an API server; types in `broken` cannot be listed."""

    context = "host"

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], Body] = {}
        self.broken: set[str] = set()
        self.version = 0

    def put(self, kind: Kind, body: Body) -> None:
        self.version += 1
        meta = body["metadata"] | {"resourceVersion": str(self.version), "uid": f"uid-of-{body['metadata']['name']}"}
        self.objects[kind.key, body["metadata"]["name"]] = body | {"metadata": meta}

    def get(self, kind: Kind, name: str, _: str = "") -> Body | None:
        return self.objects.get((kind.key, name))

    def list(self, kind: Kind, **_: Any) -> list[Body]:
        if kind.key in self.broken:
            raise Unknown("503")
        return [body for (key, _), body in self.objects.items() if key == kind.key]

    def create(self, kind: Kind, body: Body) -> None:
        if (kind.key, body["metadata"]["name"]) in self.objects:
            raise Conflict("exists")
        self.put(kind, body)

    def request(self, method: str, path: str, body: Body) -> None:
        there = self.objects.get((LEASE_KIND.key, path.rpartition("/")[2]))
        if there is None:
            raise NotFound(method)
        if there["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"]:
            raise Conflict("changed")
        self.put(LEASE_KIND, body)

    def delete(self, kind: Kind, name: str, *_: object) -> None:
        del self.objects[kind.key, name]

    def json_patch(self, *_: object) -> None:
        raise NotFound("gone in between")

    def holder(self) -> str:
        return str(self.objects[LEASE_KIND.key, "ks-reset"]["spec"]["holderIdentity"])


def lease(api: Any, holder: str) -> RunLock:
    return RunLock(api, holder)


def short(api: FakeApi) -> None:
    """An existing lock with a very short duration."""
    api.objects[LEASE_KIND.key, "ks-reset"]["spec"]["leaseDurationSeconds"] = -1 + 1e-9


def eyes(api: Any) -> ClusterWatch:
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), facts(ROWS), Options())
    known = facts(ROWS)
    found = ClusterWatch(api, plan, "me", State.of(known), known.host)
    api.put(Kind("apps", "v1", "Deployment", "deployments", True), ROWS[2])
    return found


def test_a_lock_taken_by_another_run_while_waiting_is_kept_by_that_run() -> None:
    api = FakeApi()
    lease(api, "dead").take_lock()
    short(api)
    waiting = lease(api, "late")
    seen = waiting._wait_until_stale(api.objects[LEASE_KIND.key, "ks-reset"])
    lease(api, "dead").take_lock()
    assert seen
    with pytest.raises(Refused, match="taken by another"):
        waiting._replace_lease(seen)
    assert api.holder() == "dead"


def test_a_lock_without_renewal_is_taken_over_and_a_missing_one_is_created() -> None:
    api = FakeApi()
    lease(api, "dead").take_lock()
    short(api)
    lease(api, "next").take_lock()
    assert api.holder() == "next"
    third, gone = lease(api, "third"), api.objects.pop((LEASE_KIND.key, "ks-reset"))
    assert third._wait_until_stale(gone) is None
    third.take_lock()
    assert api.holder() == "third"


class FakeBrokenNetwork(FakeApi):
    """Each request succeeds, but its response is lost."""

    def create(self, kind: Kind, body: Body) -> None:
        super().create(kind, body)
        super().create(kind, body)

    def request(self, method: str, path: str, body: Body) -> None:
        super().request(method, path, body)
        super().request(method, path, body)


def test_a_write_of_our_own_to_the_lock_that_arrives_late_is_not_taken_for_anothers() -> None:
    api = FakeBrokenNetwork()
    mine = lease(api, "me")
    mine.take_lock()
    mine.take_lock()
    assert (mine.keep_lock(), api.holder()) == ("me", "me")


def test_a_lock_that_was_lost_ends_the_run_also_while_it_waits() -> None:
    api: Any = FakeApi()
    with eyes(api) as watching:
        watching.check_cluster()
        api.objects[LEASE_KIND.key, "ks-reset"]["spec"]["holderIdentity"] = "another"
        with pytest.raises(Refused, match=r"held by another now, not by this run, me.*Let the other run end, then run"):
            watching.check_cluster()
    del api.objects[LEASE_KIND.key, "ks-reset"]  # as a run that ends leaves it
    with eyes(api) as again:
        again.check_cluster()


class FakeRace(FakeApi):
    """Another run creates the lock between our reading and our writing."""

    def get(self, kind: Kind, name: str, _: str = "") -> Body | None:
        found = super().get(kind, name)
        if kind == LEASE_KIND and found is None:
            super().create(LEASE_KIND, {"metadata": {"name": name}, "spec": {"holderIdentity": "another"}})
        return found


def test_a_lock_that_another_run_creates_at_the_same_moment_is_its_own_until_it_ends() -> None:
    api = FakeRace()
    with pytest.raises(Refused, match=r"Another ks-reset took the lock of host just now.*Let that run end") as refused:
        lease(api, "late").take_lock()
    assert "run the same command again" in str(refused.value)
    short(api)
    lease(api, "late").take_lock()
    assert api.holder() == "late"


def test_a_leader_lock_with_a_lease_of_hours_is_refused_until_somebody_corrects_it() -> None:
    lock: Body = {"kind": "Lease", "metadata": {"name": "ks", "namespace": SYSTEM}, "spec": {}}
    lock["spec"]["leaseDurationSeconds"] = 7200
    said = r"Lease kubesphere-system/ks names a lease of 7200 s.*Correct the lock, or delete it"
    with pytest.raises(Refused, match=said):
        _lease_seconds(lock)
    lock["spec"]["leaseDurationSeconds"] = 15
    assert _lease_seconds(lock) == 15


def test_what_guards_check_is_read_or_unknown() -> None:
    api: Any = FakeApi()
    known, watching = facts(ROWS), eyes(api)
    action = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options()).actions[-2]
    assert (type(action), action.kind.key) == (Delete, "Namespace")
    webhook = next(iter(seatbelt.seatbelt_objects(known.host, "uninstall", "me")))
    api.put(*webhook)
    site = watching.guard_context(action, known.host, ())
    assert (site.seatbelt_on, "web" in [o.name for o in site.world.of("Deployment.apps")]) == (True, False)
    kept = watching.guard_context(
        RemoveMarks(action.step, action.cluster, action.kind, action.name, uid=action.uid, marks=Marks()),
        known.host,
        (),
    )
    assert "web" in [o.name for o in kept.world.of("Deployment.apps")], "other types are as the step has read them"
    api.put(action.kind, {"metadata": {"name": action.name, "deletionTimestamp": "now"}})
    watching._objects._looked = float("-inf")
    ending = watching.guard_context(
        RemoveMarks(action.step, action.cluster, action.kind, action.name, uid=action.uid, marks=Marks()),
        known.host,
        (),
    )
    assert "web" not in [o.name for o in ending.world.of("Deployment.apps")], "its deletion may end with the action"
    for key in (webhook[0].key, "PersistentVolumeClaim"):
        api.broken = {key}
        with pytest.raises(Unknown, match="of host could not be read"):
            watching.guard_context(action, known.host, ())


def test_a_restarted_controller_is_detected_in_every_cluster() -> None:
    api: Any = FakeApi()
    watching = eyes(api)
    assert watching.restarted_controllers() == ("Deployment.apps kubesphere-system/ks-controller-manager",)
    api.objects["Deployment.apps", "ks-controller-manager"]["spec"]["replicas"] = 0
    assert watching.restarted_controllers(age=60) != ()
    watching.forget_controllers()
    assert watching.restarted_controllers(age=60) == (), "a proof of quiet makes what was read before it void"


def test_an_object_deleted_between_read_and_patch_is_read_again() -> None:
    api: Any = FakeApi()
    known, watching = facts([*ROWS, {"kind": "Pod"}]), eyes(api)
    pod = Kind("", "v1", "Pod", "pods", True)
    api.put(pod, {"metadata": {"name": "web", "namespace": "shop", "labels": {"kubesphere.io/creator": "x"}}})
    marks = Marks(labels={"kubesphere.io/creator": "x"})
    strip = RemoveMarks("sever", known.host.identity, pod, "web", "shop", "uid-of-web", marks=marks)

    def request(action: RemoveMarks, now: Obj | None) -> Request | None:
        return patch_request(action, now, lambda action, now: operations_to_remove(now, action.marks))

    class FakeJournal:
        def begin_action(self, *_: object) -> None:
            api.objects.pop((pod.key, "web"), None)

    journal: Any = FakeJournal()
    site = watching.guard_context(strip, known.host, ())
    site = structs.replace(site, seatbelt_on=True, holder="me", identity=strip.cluster)
    with pytest.raises(Retry):
        send_request(api, strip, request, lambda _: site, journal, 0.0)
    assert not send_request(api, strip, request, lambda _: site, journal, 5.0)
