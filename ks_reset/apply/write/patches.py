"""Send a JSON Patch for each action, then wait until every one reads back."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.flight import write_all
from ks_reset.apply.write.json_patch import with_version_test
from ks_reset.apply.write.request import Request, Writing
from ks_reset.cluster import Client
from ks_reset.guards import GuardContext
from ks_reset.model import Body, Obj, Patch

P = TypeVar("P", bound=Patch)


def write_patches(run: RunContext, actions: Sequence[P], operations_of: Callable[[P, Obj], list[Body]]) -> None:
    """`operations_of` gives the operations still needed on an object; [] if it is as asked already."""

    def next_request(action: P, now: Obj | None) -> Request | None:
        return patch_request(action, now, operations_of)

    def from_facts(action: P, now: Obj | None) -> Request | None:
        return patch_request(action, now, lambda action, now: with_version_test(now, operations_of(action, now)))

    def is_proven(action: P, answer: Body) -> bool:
        return bool(answer) and next_request(action, Obj(action.kind, answer)) is None

    def is_settled(action: P, now: Obj | None) -> bool:
        return next_request(action, now) is None

    write_all(run, actions, Writing(next_request, is_settled, is_proven, from_facts))


def patch_request(action: P, now: Obj | None, operations_of: Callable[[P, Obj], list[Body]]) -> Request | None:
    """The patch, or None for an object absent or as asked already."""
    operations = operations_of(action, now) if now else []
    if now is None or not operations:
        return None

    def send(cluster: Client, _: GuardContext) -> Body:
        return cluster.json_patch(action.kind, action.name, action.namespace, operations)

    return Request(now, send, action)
