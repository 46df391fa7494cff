"""create: create the object with its credentials filled in, and wait until it exists; a type until it is served."""

from collections.abc import Sequence

from msgspec import structs

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.request import Request, write_object
from ks_reset.apply.write.settle import conditions_of, wait_settled
from ks_reset.catalogue.names import CRD_KEY
from ks_reset.cluster import Client
from ks_reset.credentials.fill import hiding_credentials
from ks_reset.credentials.redact import redact_object
from ks_reset.guards import GuardContext
from ks_reset.model import Body, Create, Obj


def write_creations(run: RunContext, actions: Sequence[Create]) -> None:
    """Raises as `write_object` and `wait_settled`; filled-in credentials are hidden in the message."""
    pending: list[Create] = []
    for action in actions:
        filled = structs.replace(action, body=run.keys.fill(action))
        with hiding_credentials(action, filled):
            answer = write_object(run, filled, creation_request)
        if answer and answer.body and is_created(action, Obj(action.kind, answer.body)):
            run.end_actions([action], "done")
        else:
            pending.append(action)
    wait_settled(run, pending, is_created)


def creation_request(action: Create, now: Obj | None) -> Request | None:
    """The creation, or None if the object exists. The journal gets credentials as digests."""
    if now is not None:
        return None

    def send(cluster: Client, _: GuardContext) -> Body:
        return cluster.create(action.kind, action.body)

    recorded = structs.replace(action, body=redact_object(action.body, action.kind.key)) if action.sealed else action
    return Request(Obj(action.kind, action.body), send, recorded)


def is_created(action: Create, now: Obj | None) -> bool:
    """Whether the object exists, and a CustomResourceDefinition is Established."""
    if now is None:
        return False
    established = any(c.get("type") == "Established" and c.get("status") == "True" for c in conditions_of(now.body))
    return action.kind.key != CRD_KEY or established
