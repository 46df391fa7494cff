"""Wait until the effects of writes can be read back: of many deletions of a type by one list, of others by GET."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from ks_reset.apply.context import RunContext
from ks_reset.cluster import Client, until
from ks_reset.errors import ResetError, Stopped
from ks_reset.escape import one_line
from ks_reset.model import Action, Body, Delete, FleetFacts, Kind, Obj, ObjectWrite
from ks_reset.simulation import blockers_of, state_of
from ks_reset.simulation.objects import to_sim_object

QUIET_LOOKS = 3
"""How often the effects are looked for before the reason of the delay is shown."""
LISTED = 3
"""Up to so many deleted objects of a type are asked for one by one; for more of them the type is listed."""
DAY = 86400.0
A = TypeVar("A", bound=ObjectWrite)
IsSettled = Callable[[A, Obj | None], bool]
"""Whether the effect of an action can be read back from the object, if it exists."""


def wait_settled(run: RunContext, actions: Sequence[A], is_settled: IsSettled[A]) -> None:
    """Wait until the effect of each action on one cluster can be read back; the journal notes their ends.

    Raises Stopped if for the run's timeout none of them came.
    """
    if not actions:
        return
    identity = actions[0].cluster
    cluster, tell, facts = run.fleet.cluster(identity), run.teller_of(identity), run.facts
    waiting, looks, since = list(actions), 0, time.monotonic()

    def is_over() -> bool:
        nonlocal waiting, looks, since
        done = [action for action, now in read_again(cluster, waiting) if is_settled(action, now)]
        run.end_actions(done, "done")
        ended = {id(action) for action in done}
        waiting = [action for action in waiting if id(action) not in ended]
        looks, since = (0, time.monotonic()) if done else (looks + 1, since)
        if not waiting or time.monotonic() - since >= run.timeout:
            return True
        first, more = waiting[0], f", and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        reason = f": {reason_pending(cluster, first, facts)}" if looks >= QUIET_LOOKS else ""
        tell(f"waiting for {first.verb} of {first.target}{more}{reason}")
        return False

    until(is_over, DAY)
    if waiting:
        raise Stopped(
            f"{waiting[0].verb} {waiting[0].target} on {cluster.context} is not finished after {run.timeout:.0f} s: "
            f"{reason_pending(cluster, waiting[0], facts)}. Nothing was forced. Remove the cause, then run the same "
            "command again."
        )


def read_again(cluster: Client, actions: Sequence[A]) -> Iterator[tuple[A, Obj | None]]:
    """Each action with its object as it is now: many deleted ones of a type by a list of their metadata, others by GET.

    A list that fails decides nothing: the type may go with its last object. Each object is then asked for.
    """
    by_type: dict[Kind, list[A]] = {}
    for action in actions:
        by_type.setdefault(action.kind, []).append(action)
    for kind, mine in by_type.items():
        listed = _list_by_name(cluster, kind) if len(mine) > LISTED and isinstance(mine[0], Delete) else None
        for action in mine:
            key = action.namespace, action.name
            yield action, _get_object(cluster, action) if listed is None else listed.get(key)


def _list_by_name(cluster: Client, kind: Kind) -> dict[tuple[str, str], Obj] | None:
    try:
        listed = [Obj(kind, body) for body in cluster.list(kind, metadata_only=True)]
    except ResetError:
        return None
    return {(obj.namespace, obj.name): obj for obj in listed}


def _get_object(cluster: Client, action: ObjectWrite) -> Obj | None:
    body = cluster.get(action.kind, action.name, action.namespace)
    return Obj(action.kind, body) if body else None


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
