"""Send one request for an action: read the object, ask every guard, write the before-image, send, wait for the effect.

Reading, guarding and sending are repeated together after a temporary failure, since a request without an answer may
have been carried out.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import Struct

from ks_reset.apply.context import RunContext
from ks_reset.cluster import Client, retry_patiently, until
from ks_reset.cluster.transport import NotFound
from ks_reset.credentials.redact import redact_object
from ks_reset.errors import Conflict, Stopped
from ks_reset.escape import one_line
from ks_reset.guards import GUARDS, GuardContext
from ks_reset.journal import Journal
from ks_reset.model import Action, Body, FleetFacts, Obj, ObjectWrite
from ks_reset.simulation import blockers_of, state_of
from ks_reset.simulation.objects import to_sim_object

PATIENCE = 60.0
"""Seconds of temporary failures after which a request is given up."""
QUIET_LOOKS = 3
"""How often the effect is looked for before the reason of the delay is shown."""


class Request(Struct, frozen=True):
    """A needed request: the object as read, or to be created; how to send it; the action for the journal."""

    obj: Obj
    send: Callable[[Client, GuardContext], None]
    action: ObjectWrite


A = TypeVar("A", bound=ObjectWrite)
NextRequest = Callable[[A, Obj | None], Request | None]
"""The request that an action still needs, given the object as read, if it exists; None if there is nothing to send."""
IsSettled = Callable[[A, Obj | None], bool]
"""Whether the effect of an action can be read back from the object, if it exists."""


def send_request(
    cluster: Client,
    action: A,
    next_request: NextRequest[A],
    look: Callable[[Action], GuardContext],
    journal: Journal,
    patience: float,
) -> bool:
    """Send the request of an action; False if none is needed. `look` reads the facts for the guards.

    Raises Refused or Stale from a guard, Retry after `patience` seconds of temporary failures, ResetError otherwise.
    """

    def send_once() -> bool:
        body = cluster.get(action.kind, action.name, action.namespace)
        request = next_request(action, Obj(action.kind, body) if body else None)
        if request is None:
            return False
        context = look(action)
        for guard in GUARDS:
            guard(action, request.obj, context)
        journal.begin_action(request.action, redact_object(body, action.kind.key) if body else {})
        try:
            request.send(cluster, context)
        except NotFound as error:  # deleted in between: look again
            raise Conflict(str(error)) from error
        return True

    return retry_patiently(send_once, patience)


def write_object(run: RunContext, action: A, next_request: NextRequest[A]) -> None:
    """Send the request of an action if one is needed, and count it."""
    cluster = run.fleet.cluster(action.cluster)
    run.report.beat(f"{action.verb} {action.target}", run.cluster_facts(action.cluster).name)
    if send_request(cluster, action, next_request, run.guard_context, run.journal, min(run.timeout, PATIENCE)):
        run.count_writes(action.cluster)


def wait_settled(run: RunContext, actions: Sequence[A], is_settled: IsSettled[A]) -> None:
    """Wait until the effect of each action can be read back. Raises Stopped after the run's timeout."""
    for action in actions:
        _wait_settled_one(run, action, is_settled)
        run.journal.end_action(action, "done")


def _wait_settled_one(run: RunContext, action: A, is_settled: IsSettled[A]) -> None:
    cluster, tell, facts = run.fleet.cluster(action.cluster), run.teller_of(action.cluster), run.facts
    looks = 0

    def is_done() -> bool:
        nonlocal looks
        looks += 1
        body = cluster.get(action.kind, action.name, action.namespace)
        if is_settled(action, Obj(action.kind, body) if body else None):
            return True
        reason = f": {reason_pending(cluster, action, facts)}" if looks > QUIET_LOOKS else ""
        tell(f"waiting for {action.verb} of {action.target}{reason}")
        return False

    if not until(is_done, run.timeout):
        reason = reason_pending(cluster, action, facts)
        raise Stopped(
            f"{action.verb} {action.target} on {cluster.context} is not finished after {run.timeout:.0f} s: {reason}. "
            "Nothing was forced. Remove the cause, then run the same command again."
        )


def reason_pending(cluster: Client, action: Action, facts: FleetFacts) -> str:
    """Why an object still exists: its finalizers, their controllers, and the API server's conditions.

    `facts` have all other objects as last read.
    """
    body = cluster.get(action.kind, action.name, action.namespace)
    if body is None:
        return "it is gone by now"
    obj = to_sim_object(action.cluster, Obj(action.kind, body))
    state = state_of(facts).with_changes([(obj.id, obj)])
    reasons = [f"{hold.what}: {hold.who} takes it off" for hold in blockers_of(state, obj)]
    reasons += [
        one_line(f"{c.get('type')}: {c['message']}")
        for c in conditions_of(body)
        if c.get("status") == "True" and c.get("message") and c.get("type") not in ("NamesAccepted", "Established")
    ]
    return "; ".join(reasons) or "no finalizer and no condition gives a reason"


def conditions_of(body: Body) -> list[Body]:
    """The conditions in the status of an object; [] without any."""
    return (body.get("status") or {}).get("conditions") or []
