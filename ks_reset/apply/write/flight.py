"""Send the writes of one verb: several at once where they may rest on one look, one by one where each needs its own.

Writes in flight are of one type: an action on another type begins after the last answer. Each is bound to the object as
the step has read it, by UID and version or by the tests of its patch. If that fails, the object is read and the action
decided anew, with a look of its own (`request.py`). All of a batch are in the journal, by one sync, before its first
request.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from itertools import groupby
from threading import Event

from ks_reset.apply.context import RunContext
from ks_reset.apply.watch.look import LOOK_SECONDS
from ks_reset.apply.worst import Halted, raise_worst
from ks_reset.apply.write.alone import needs_own_look
from ks_reset.apply.write.request import A, Answer, Request, Writing, ask_guards, send_once, write_object
from ks_reset.apply.write.settle import wait_settled
from ks_reset.errors import Retry, Unknown
from ks_reset.guards import GuardContext

BATCH = 4
"""How many batches of writes in flight are begun in the journal by one sync."""
ROUNDS = 20
"""How often guards are asked again because their facts changed, before a write is given up."""


class Flight:
    """One write of a batch: what its guards were last asked with, and what became of it."""

    def __init__(self, request: Request, context: GuardContext) -> None:
        self.request, self.context = request, context
        self.sent = False
        self.answer: Answer | None = None
        self.error: BaseException | None = None


def write_all(run: RunContext, actions: Sequence[A], writing: Writing[A]) -> None:
    """Send the actions of one verb on one cluster, in their order by types, and wait until all effects are seen.

    Raises as `write_object` and `wait_settled`. After an error no further request begins; the journal says of each
    action begun whether its request was answered.
    """
    pending: list[A] = []
    planned = [(action, _request_from_facts(run, action, writing)) for action in actions]
    for (_, alone), group in groupby(planned, lambda pair: (pair[0].kind, pair[1] is None)):
        mine = list(group)
        if alone:
            pending += _write_one_by_one(run, [action for action, _ in mine], writing)
        else:
            pending += _write_in_flight(run, mine, writing)
    wait_settled(run, pending, writing.is_settled)


def _request_from_facts(run: RunContext, action: A, writing: Writing[A]) -> Request | None:
    """The request for the object as the step has read it; None if the object must be read again first."""
    if writing.from_facts is None:
        return None
    now = run.cluster_facts(action.cluster).get(action.kind.key, action.name, action.namespace)
    return None if now is None or needs_own_look(action, now) else writing.from_facts(action, now)


def _write_one_by_one(run: RunContext, actions: Sequence[A], writing: Writing[A]) -> list[A]:
    """Send each with a look of its own; the actions whose effect is still to be seen."""
    pending: list[A] = []
    for action in actions:
        writing.release(action)
        answer = write_object(run, action, writing.next_request)
        if answer and writing.is_proven(action, answer.body):
            run.end_actions([action], "done")
        else:
            pending.append(action)
    return pending


def _write_in_flight(run: RunContext, planned: Sequence[tuple[A, Request | None]], writing: Writing[A]) -> list[A]:
    """Send them in batches; the actions whose effect is still to be seen."""
    pending: list[A] = []
    size = BATCH * run.parallelism
    with ThreadPoolExecutor(run.parallelism) as pool:
        for start in range(0, len(planned), size):
            batch = [(action, request) for action, request in planned[start : start + size] if request]
            again, unseen = _send_batch(run, pool, batch, writing)
            pending += unseen + _write_one_by_one(run, again, writing)
    return pending


def _send_batch(
    run: RunContext, pool: ThreadPoolExecutor, batch: Sequence[tuple[A, Request]], writing: Writing[A]
) -> tuple[list[A], list[A]]:
    """The actions to decide anew, and those whose effect is still to be seen. Raises the worst error of all."""
    first, more = batch[0][0], f", and {len(batch) - 1} more" if len(batch) > 1 else ""
    run.report.beat(f"{first.verb} {first.target}{more}", run.cluster_facts(first.cluster).name)
    flights: list[tuple[A, Flight]] = []
    for action, request in batch:
        writing.release(action)
        context = run.guard_context(action, LOOK_SECONDS)
        ask_guards(action, request.obj, context)
        flights.append((action, Flight(request, context)))
    run.journal.begin_actions([(request.action, request.obj.body) for _, request in batch])
    stop = Event()
    try:
        wait([pool.submit(partial(_fly, run, stop, action, flight)) for action, flight in flights])
    except BaseException:  # Ctrl-C: what was sent is waited for, and nothing more is sent
        stop.set()
        pool.shutdown(cancel_futures=True)
        raise
    finally:
        unseen = _note_answers(run, flights, writing)
    raise_worst(f.error for _, f in flights if f.error and not isinstance(f.error, Retry))
    if any(not flight.sent and not flight.error for _, flight in flights):
        raise Halted("Another cluster has stopped the run.")
    return [action for action, f in flights if isinstance(f.error, Retry)], unseen


def _fly(run: RunContext, stop: Event, action: A, flight: Flight) -> None:
    """Send one write, unless another one of the batch or another lane has stopped the run."""
    cluster, window = run.fleet.cluster(action.cluster), run.window_of(action.cluster)

    def halted() -> bool:
        return stop.is_set() or run.halt.is_set()

    try:
        with window.one_place(halted):
            if not halted():
                _prove_fresh(run, action, flight)
            if not halted():
                flight.sent = True
                flight.answer = window.send(lambda: send_once(cluster, flight.request, flight.context))
    except Retry as error:
        flight.error = error
    except BaseException as error:  # noqa: BLE001 - raised by _send_batch
        flight.error = error
        stop.set()


def _prove_fresh(run: RunContext, action: A, flight: Flight) -> None:
    """Return once the guards were asked with a look that is at most LOOK_SECONDS old now."""
    for _ in range(ROUNDS):
        context = run.guard_context(action, LOOK_SECONDS)
        if context is flight.context:
            return
        ask_guards(action, flight.request.obj, context)
        flight.context = context
    raise Unknown(
        f"What the guards rest on changes faster on {run.cluster_facts(action.cluster).name} than they can be asked."
    )


def _note_answers(run: RunContext, flights: Sequence[tuple[A, Flight]], writing: Writing[A]) -> list[A]:
    """Write to the journal what became of each; the actions answered whose effect is still to be seen."""
    proven = [action for action, f in flights if f.answer and writing.is_proven(action, f.answer.body)]
    ended = {id(action) for action in proven}
    rest = [(action, flight) for action, flight in flights if id(action) not in ended]
    run.count_writes(flights[0][0].cluster, sum(flight.answer is not None for _, flight in flights))
    run.end_actions(proven, "done")
    run.journal.note_answers([(action, *_event_of(flight)) for action, flight in rest])
    return [action for action, flight in rest if flight.answer]


def _event_of(flight: Flight) -> tuple[str, str]:
    if flight.answer:
        return "answered", ""
    return ("unanswered" if flight.sent else "unsent"), str(flight.error or "")
