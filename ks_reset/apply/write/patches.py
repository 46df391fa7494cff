"""Send a JSON Patch for each action, then wait until every one reads back."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.request import Request, wait_settled, write_object
from ks_reset.cluster import Client
from ks_reset.guards import GuardContext
from ks_reset.model import Body, Obj, Patch

P = TypeVar("P", bound=Patch)


def write_patches(run: RunContext, actions: Sequence[P], operations_of: Callable[[P, Obj], list[Body]]) -> None:
    """`operations_of` gives the operations still needed on an object; [] if it is as asked already."""

    def next_request(action: P, now: Obj | None) -> Request | None:
        return patch_request(action, now, operations_of)

    for action in actions:
        write_object(run, action, next_request)
    wait_settled(run, actions, lambda action, now: next_request(action, now) is None)


def patch_request(action: P, now: Obj | None, operations_of: Callable[[P, Obj], list[Body]]) -> Request | None:
    """The patch, or None for an object absent or as asked already."""
    operations = operations_of(action, now) if now else []
    if now is None or not operations:
        return None

    def send(cluster: Client, _: GuardContext) -> None:
        cluster.json_patch(action.kind, action.name, action.namespace, operations)

    return Request(now, send, action)
