"""Many writes of one type: how many requests they need, what they are bound to, and what stops them."""

from threading import Event
from typing import Any

import pytest
from msgspec import structs

from ks_reset.apply.carry_out import carry_out
from ks_reset.apply.watch.look import LOOK_SECONDS
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.catalogue.names import CRD_KIND
from ks_reset.errors import Invalid, Refused, Retry, Stale
from ks_reset.model import Action, Delete, Marks, RemoveMarks
from tests.apply.memory_cluster import Running
from tests.build import Rows
from tests.commands import commands_in

COUNT = 100
LABELS = {"kubesphere.io/creator": "x"}


def rows(count: int = COUNT, kind: str = "ConfigMap", **meta: Any) -> Rows:
    return [
        {"kind": kind, "metadata": {"name": f"c{n}", "namespace": "shop", "labels": LABELS, **meta}}
        for n in range(count)
    ]


def removals(running: Running, key: str = "ConfigMap", marks: Marks = Marks(labels=LABELS)) -> list[Action]:  # noqa: B008
    host = running.known.host
    return [RemoveMarks.on(obj, "unmark", host.identity, "w", marks=marks) for obj in host.of(key)]


def deletions(running: Running, key: str = "ConfigMap") -> list[Action]:
    host = running.known.host
    return [Delete.on(obj, "remove-records", host.identity, "w") for obj in host.of(key)]


@pytest.mark.parametrize(("make", "verb"), [(removals, "patch"), (deletions, "delete")])
def test_one_request_a_write_and_its_answer_proves_the_effect(make: Any, verb: str) -> None:
    running = Running(rows())
    carry_out(running.run, make(running))
    assert running.cluster.asked == {verb: COUNT}
    assert running.run.written.total() == COUNT
    assert set(running.eyes.ages) == {LOOK_SECONDS}
    assert sorted(running.journal.lines) == sorted(f"{event} c{n}" for n in range(COUNT) for event in ("begin", "end"))


def test_all_of_a_batch_are_in_the_journal_by_one_sync_before_its_first_request() -> None:
    running, missing = Running(rows()), list[str]()

    def before(_: str, name: str) -> None:
        missing.extend([] if f"begin {name}" in running.journal.lines else [name])

    running.cluster.before = before
    carry_out(running.run, removals(running))
    assert missing == []
    assert len(running.journal.syncs) == 2 * -(-COUNT // 32), "begins and ends of each batch"


def test_no_more_fly_at_once_than_asked_and_types_one_after_the_other() -> None:
    running = Running([*rows(20), *rows(20, "Secret")], parallelism=3)
    flying, most, order = list[str](), list[int](), list[str]()
    json_patch = running.cluster.json_patch

    def counted(kind: Any, name: str, *more: Any) -> Any:
        flying.append(name)
        most.append(len(flying))
        order.append(kind.kind)
        answer = json_patch(kind, name, *more)
        flying.remove(name)
        return answer

    running.cluster.json_patch = counted  # type: ignore[method-assign]
    carry_out(running.run, [*removals(running), *removals(running, "Secret")])
    assert max(most) <= 3
    assert order == ["ConfigMap"] * 20 + ["Secret"] * 20


def test_an_object_that_has_changed_is_read_and_decided_anew_with_a_look_of_its_own() -> None:
    running = Running(rows(10, finalizers=["kubesphere.io/x"]))
    carried = removals(running, marks=Marks(finalizers=("kubesphere.io/x",)))
    running.cluster.change(carried[3].kind, "c3", "shop", finalizers=["example.com/hold", "kubesphere.io/x"])
    carry_out(running.run, carried)
    assert (running.cluster.asked["get"], running.cluster.asked["patch"]) == (1, 11)
    left = {name: body["metadata"]["finalizers"] for (_, _, name), body in running.cluster.objects.items()}
    assert left == {f"c{n}": ["example.com/hold"] if n == 3 else [] for n in range(10)}
    assert running.eyes.ages.count(0.0) == 1
    assert "unanswered c3" in running.journal.lines


@pytest.mark.parametrize("make", [removals, deletions])
def test_an_object_recreated_since_the_plan_is_left_alone(make: Any) -> None:
    running = Running(rows(10))
    actions = make(running)
    running.cluster.change(actions[3].kind, "c3", "shop", uid="another")
    with pytest.raises(Stale, match="recreated since the plan"):
        carry_out(running.run, actions)
    again = running.cluster.objects["ConfigMap", "shop", "c3"]["metadata"]
    assert (again["uid"], again["labels"]) == ("another", LABELS)


def test_an_object_whose_deletion_began_meanwhile_does_not_lose_its_last_finalizer_unasked() -> None:
    running = Running(rows(4, finalizers=["kubesphere.io/x"]))
    actions = removals(running, marks=Marks(finalizers=("kubesphere.io/x",)))
    running.cluster.change(actions[1].kind, "c1", "shop", deletionTimestamp="now")
    carry_out(running.run, actions)
    assert running.eyes.ages.count(0.0) == 1, "its guards were asked again, with a look of its own"


def test_many_deletions_with_finalizers_are_waited_for_by_one_list_a_look() -> None:
    running, looks = Running(rows(finalizers=["example.com/slow"])), list[int]()
    listed = running.cluster.list

    def slow(*more: Any, **also: Any) -> Any:
        looks.append(len(running.cluster.objects))
        if len(looks) == 2:
            running.cluster.objects.clear()
        return listed(*more, **also)

    running.cluster.list = slow  # type: ignore[method-assign]
    carry_out(running.run, deletions(running))
    assert running.cluster.asked == {"delete": COUNT, "list": 2}
    assert running.journal.lines.count("answered c7") == running.journal.lines.count("end c7") == 1


def test_a_danger_stops_all_lanes_and_the_journal_says_what_was_sent() -> None:
    running, sent = Running(rows()), list[str]()

    def before(_: str, name: str) -> None:
        sent.append(name)
        if len(sent) == 10:
            raise Refused("no")

    running.cluster.before = before
    with pytest.raises(Refused):
        carry_out(running.run, removals(running))
    told = {line for line in running.journal.lines if not line.startswith("begin")}
    begun = {line.partition(" ")[2] for line in running.journal.lines if line.startswith("begin")}
    assert len(sent) < 20
    assert {line.partition(" ")[2] for line in told} == begun, "each is told"
    assert {name for name in begun if f"unsent {name}" not in told} == set(sent)


def test_a_halted_run_begins_no_request() -> None:
    running = Running(rows())
    running.run.halt.set()
    with pytest.raises(Exception, match="Another cluster has stopped the run"):
        carry_out(running.run, removals(running))
    assert running.cluster.asked == {}


@pytest.mark.parametrize("error", [KeyboardInterrupt, StabilityLost])
def test_what_stops_the_run_between_two_requests_stops_the_next_one(error: type[BaseException]) -> None:
    running = Running(rows())

    def before() -> None:
        if running.cluster.asked["patch"] >= 40:
            raise error("now")

    running.eyes.before = before
    with pytest.raises(error):
        carry_out(running.run, removals(running))
    assert running.cluster.asked["patch"] <= 40 + 8


def test_ctrl_c_lets_the_requests_under_way_end_and_begins_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    running, ten, slow = Running(rows()), Event(), Event()

    def before(_: str, name: str) -> None:
        ten.set() if running.cluster.asked["patch"] >= 10 else None
        slow.wait(0.01)

    def interrupted(_: object) -> None:
        assert ten.wait(30)
        raise KeyboardInterrupt

    running.cluster.before = before
    monkeypatch.setattr("ks_reset.apply.write.flight.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        carry_out(running.run, removals(running))
    assert 10 <= running.cluster.asked["patch"] < 32, "the first batch, at most"
    told = [line for line in running.journal.lines if not line.startswith("begin")]
    assert (len(told), sum(line.startswith("end") for line in told)) == (32, running.cluster.asked["patch"])


def test_guards_are_asked_again_if_the_look_says_something_else_before_the_request() -> None:
    running = Running(rows(20))
    off = structs.replace(running.eyes.context, seatbelt_on=False)

    def before(_: str, name: str) -> None:
        running.eyes.context = off

    running.cluster.before = before
    with pytest.raises(Refused, match="seatbelt of this cluster is off"):
        carry_out(running.run, removals(running))
    assert 1 <= running.cluster.asked["patch"] <= 8, "only what was under way"


def test_a_temporary_failure_is_looked_at_again_before_it_is_sent_again() -> None:
    running, failed = Running(rows(10)), list[str]()

    def before(_: str, name: str) -> None:
        if name == "c5" and not failed:
            failed.append(name)
            raise Retry("503", after=0.05)

    running.cluster.before = before
    carry_out(running.run, removals(running))
    assert (running.cluster.asked["get"], running.cluster.asked["patch"]) == (1, 10)
    assert running.run.window_of(running.known.host.identity).limit < 8


def crds(count: int) -> Rows:
    about = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    spec = {"group": "tenant.kubesphere.io", "names": {"kind": "X", "plural": "xs"}}
    return [{**about, "metadata": {"name": f"c{n}"}, "spec": spec} for n in range(count)]


def test_namespaces_are_deleted_one_by_one_each_with_a_look_of_its_own() -> None:
    names = ("kubesphere-system", "kubesphere-monitoring-system")
    running = Running([{"kind": "Namespace", "metadata": {"name": each}} for each in names])
    carry_out(running.run, deletions(running, "Namespace"))
    assert running.eyes.ages == [0.0, 0.0]
    assert running.cluster.asked["delete"] == running.cluster.asked["get"] == 2


def test_types_fly_each_deleted_in_the_version_that_its_mark_for_the_seatbelt_made() -> None:
    """With a webhook as seatbelt the mark is a request of its own; a change between the two is a conflict."""
    running, changed = Running(crds(10)), list[str]()

    def before(verb: str, name: str) -> None:
        if (verb, name, changed) == ("delete", "c5", []):
            changed.append(name)
            running.cluster.change(CRD_KIND, name)

    running.cluster.before = before
    carry_out(running.run, deletions(running, CRD_KIND.key))
    assert running.cluster.asked == {"merge": 11, "delete": 11, "get": 1}, "c5 is looked at alone"
    assert running.eyes.ages.count(0.0) == 1
    assert not running.cluster.list(CRD_KIND)


def test_a_type_changed_since_the_step_has_read_it_is_not_even_marked_in_that_version() -> None:
    running = Running(crds(1))
    planned = deletions(running, CRD_KIND.key)
    running.cluster.change(CRD_KIND, "c0")
    carry_out(running.run, planned)
    assert running.cluster.asked == {"merge": 2, "delete": 1, "get": 1}
    assert running.eyes.ages.count(0.0) == 1


@pytest.mark.parametrize("finalizers", [[], ["kubesphere.io/x"]], ids=["in flight", "alone"])
def test_an_object_that_fails_validation_is_no_conflict_and_the_command_to_mend_it_is_told(
    finalizers: list[str],
) -> None:
    running = Running(rows(1, finalizers=finalizers, deletionTimestamp="now" if finalizers else None))

    def refuse(*_: object) -> Any:
        raise Invalid("The answer was: c0 is invalid: spec.partitions: Invalid value. The object does not pass it.")

    running.cluster.json_patch = refuse  # type: ignore[method-assign]
    with pytest.raises(Refused, match="Nothing was written to it") as refused:
        carry_out(running.run, removals(running, marks=Marks(labels=LABELS, finalizers=tuple(finalizers))))
    edit = ["kubectl", "--context", running.cluster.context, "edit", "configmaps", "c0", "--namespace", "shop"]
    assert edit in commands_in(str(refused.value))
