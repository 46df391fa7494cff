"""What each writing verb sends, in order, and what it waits for, against an API server in memory."""

from collections.abc import Sequence
from typing import Any

import pytest

from ks_reset.apply.carry_out import carry_out
from ks_reset.apply.context import Progress, RunContext
from ks_reset.guards import GuardContext
from ks_reset.model import AddMarks, Body, Create, Delete, Kind, Marks, RemoveMarks, Scale, Target
from tests.build import action, facts

NAMESPACE = Kind("", "v1", "Namespace", "namespaces", False)
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
OWN = {"kind": "Namespace", "metadata": {"name": "kubesphere-system", "uid": "u", "labels": {"kubesphere.io/x": "y"}}}


class Memory:
    """One object. A patch is kept as it was sent, and is done at once."""

    context = "host"

    def __init__(self, body: Body | None) -> None:
        self.body, self.sent = body, list[Any]()

    def get(self, *_: object) -> Body | None:
        return self.body

    def create(self, _: Kind, body: Body) -> None:
        self.sent.append("create")
        self.body = body

    def delete(self, _: Kind, name: str, namespace: str, uid: str) -> None:
        self.sent.append(("delete", namespace, name, uid))
        self.body = None

    def json_patch(self, _: Kind, name: str, namespace: str, operations: list[Body]) -> None:
        self.sent.append([(o["op"], o["path"]) for o in operations if o["op"] != "test"])
        self.body = {**(self.body or {}), "metadata": {"name": name, "uid": "u"}, "spec": {"replicas": 0}}
        if operations[-1]["op"] == "add":
            label = {"labels": {"a": "b"}, "annotations": {"ks-reset/replicas": "2"}}
            self.body["metadata"] |= label


class Everything:
    """Client, eyes and journal of one cluster in one: nothing refuses."""

    def __init__(self, api: Memory) -> None:
        self.api, self.released, self.events = api, list[str](), list[str]()

    def cluster(self, _: str) -> Memory:
        return self.api

    def guard_context(self, *_: object) -> GuardContext:
        host = facts([]).host
        return GuardContext(host, host.identity, frozenset(), (), True, "me", "me")

    def restarted_controllers(self, *_: object, **__: object) -> tuple[str, ...]:
        return ()

    def check_cluster(self, *_: object, **__: object) -> None:
        return

    def release_object(self, deletion: Delete) -> None:
        self.released.append(deletion.name)

    def begin_action(self, begun: Target, _: Body) -> None:
        self.events.append(f"begin {begun.verb}")

    def end_actions(self, ended: Sequence[Target], outcome: str) -> None:
        self.events += [f"end {each.verb} {outcome}" for each in ended]

    def end_action(self, ended: Target, outcome: str) -> None:
        self.end_actions([ended], outcome)


def carried_out(verb: type[Target], kind: Kind, name: str, now: Body | None, **more: Any) -> Everything:
    known, all_of_it = facts([]), Everything(Memory(now))
    fake: Any = all_of_it
    progress = Progress(*[lambda *_: None] * 4)
    plan: Any = None
    run = RunContext(fake, plan, plan, fake, progress, 1.0, known, {known.host.identity: fake})
    carry_out(run, [action(verb, known.host.identity, kind, name, **more)])
    return all_of_it


@pytest.mark.parametrize(
    ("verb", "kind", "body", "more", "sent"),
    [
        (Scale, DEPLOYMENT, {"metadata": {"uid": "u"}, "spec": {"replicas": 2}}, {}, "spec/replicas"),
        (RemoveMarks, NAMESPACE, OWN, {"marks": Marks(labels={"kubesphere.io/x": ""})}, "labels/kubesphere.io~1x"),
        (AddMarks, NAMESPACE, OWN, {"marks": Marks(labels={"a": "b"})}, "labels/a"),
        (Delete, NAMESPACE, OWN, {"uid": "u"}, "'delete', '', 'kubesphere-system', 'u'"),
        (Create, NAMESPACE, None, {"body": {"metadata": {"name": "kubesphere-system"}}}, "create"),
    ],
)
def test_each_verb_sends_one_request_between_two_lines_of_the_journal(
    verb: type[Target], kind: Kind, body: Body | None, more: dict[str, Any], sent: str
) -> None:
    done = carried_out(verb, kind, "kubesphere-system", body, **{"uid": "u" if body else "", **more})
    name = action(verb, "", kind, "", **more).verb
    assert len(done.api.sent) == 1
    assert sent in str(done.api.sent[0])
    assert done.events == [f"begin {name}", f"end {name} done"]
    assert done.released == (["kubesphere-system"] if verb is Delete else [])


def test_what_is_so_already_is_not_sent_again_and_ends() -> None:
    done = carried_out(Delete, NAMESPACE, "kubesphere-system", None, uid="u")
    assert (done.api.sent, done.events) == ([], ["end delete done"])
