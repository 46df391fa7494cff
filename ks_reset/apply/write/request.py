"""Send one request for an action: read the object, ask every guard, write the before-image, send.

Reading, guarding and sending are repeated together after a temporary failure, since a request without an answer may
have been carried out.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec import Struct

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.settle import IsSettled
from ks_reset.cluster import Client, retry_patiently
from ks_reset.cluster.transport import NotFound
from ks_reset.credentials.redact import redact_object
from ks_reset.errors import Conflict, Invalid
from ks_reset.guards import GUARDS, GuardContext
from ks_reset.journal import Journal
from ks_reset.model import Action, Body, Obj, ObjectWrite

PATIENCE = 60.0
"""Seconds of temporary failures after which a request is given up."""


class Request(Struct, frozen=True):
    """A needed request: the object as read, or to be created; how to send it; the action for the journal.

    `send` returns the answer of the API server.
    """

    obj: Obj
    send: Callable[[Client, GuardContext], Body | None]
    action: ObjectWrite


class Answer(Struct, frozen=True):
    """The API server's answer to a request that was sent."""

    body: Body


A = TypeVar("A", bound=ObjectWrite)
NextRequest = Callable[[A, Obj | None], Request | None]
"""The request that an action still needs, given the object as read, if it exists; None if there is nothing to send."""


@dataclass(frozen=True)
class Writing(Generic[A]):
    """How the actions of one verb are sent, and how their effects are seen.

    `is_proven` says whether the answer to the request itself proves the effect. `from_facts` is the request for an
    object as the step has read it, refused by the API server if the object has changed since; None if there is none.
    `release` is called before an action is begun.
    """

    next_request: NextRequest[A]
    is_settled: IsSettled[A]
    is_proven: Callable[[A, Body], bool]
    from_facts: NextRequest[A] | None = None
    release: Callable[[A], None] = lambda _: None


def ask_guards(action: Action, obj: Obj, context: GuardContext) -> None:
    """Raises Refused or Stale from the first guard that objects."""
    for guard in GUARDS:
        guard(action, obj, context)


def send_once(cluster: Client, request: Request, context: GuardContext) -> Answer:
    """Send it. Raises Conflict for an object deleted in between, Invalid with the command that mends the object."""
    try:
        return Answer(request.send(cluster, context) or {})
    except NotFound as error:  # look again
        raise Conflict(str(error)) from error
    except Invalid as error:
        if not request.obj.uid:  # nothing is there to be mended
            raise
        action = request.action
        site = ["--context", cluster.context] if cluster.context else []
        words = ["kubectl", *site, "edit", action.kind.resource, action.name]
        words += ["--namespace", action.namespace] if action.namespace else []
        raise Invalid(
            f"{error} As it is, nobody can change it. Nothing was written to it. Mend what the answer names: "
            f"{shlex.join(words)}. Then run the same command again."
        ) from error


def send_request(
    cluster: Client,
    action: A,
    next_request: NextRequest[A],
    look: Callable[[Action], GuardContext],
    journal: Journal,
    patience: float,
) -> Answer | None:
    """Send the request of an action; None if none is needed. `look` reads the facts for the guards.

    Raises Refused or Stale from a guard, Retry after `patience` seconds of temporary failures, ResetError otherwise.
    """

    def read_and_send() -> Answer | None:
        body = cluster.get(action.kind, action.name, action.namespace)
        request = next_request(action, Obj(action.kind, body) if body else None)
        if request is None:
            return None
        context = look(action)
        ask_guards(action, request.obj, context)
        journal.begin_action(request.action, redact_object(body, action.kind.key) if body else {})
        return send_once(cluster, request, context)

    return retry_patiently(read_and_send, patience)


def write_object(run: RunContext, action: A, next_request: NextRequest[A]) -> Answer | None:
    """Send the request of an action if one is needed, with a look of its own, and count it."""
    cluster = run.fleet.cluster(action.cluster)
    run.report.beat(f"{action.verb} {action.target}", run.cluster_facts(action.cluster).name)
    patience = min(run.timeout, PATIENCE)
    answer = send_request(cluster, action, next_request, run.guard_context, run.journal, patience)
    if answer:
        run.count_writes(action.cluster)
    return answer
