"""Work on several clusters at once, each in a lane of its own.

A member without an answer, or not finished in time, is left behind, and the others are finished. Any loss stops all
lanes at once, and so does any error of the host: its kubefed acts on members, and only its facts prove the
controllers quiet. Several lanes may fail before they see that: the worst error is raised, and tells the others.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

from ks_reset.apply.context import RunContext
from ks_reset.apply.worst import raise_worst
from ks_reset.errors import ResetError
from ks_reset.model import Action, actions_by_cluster

PARALLEL = 8
Work = Callable[[str, list[Action]], None]


def in_lanes(run: RunContext, actions: Iterable[Action], work: Work) -> None:
    """Call `work(identity, actions)` for every member at once, then for the host.

    Raises the worst error of the run as a whole; members left behind are in `run.lost`.
    """
    parts = actions_by_cluster(actions)
    host = parts.pop(run.facts.host.identity, None)
    at_once(run, {identity: partial(work, identity, part) for identity, part in parts.items()})
    if host:
        work(run.facts.host.identity, host)


def at_once(run: RunContext, lanes: dict[str, Callable[[], None]]) -> None:
    """Run these calls, each for the cluster of its key; raises the worst error once all have ended."""
    if not lanes:
        return
    errors: list[BaseException] = []
    with ThreadPoolExecutor(PARALLEL) as pool:
        ended = {identity: pool.submit(_run_lane, run, identity, call) for identity, call in lanes.items()}
        try:
            wait(ended.values())
        except BaseException as error:  # noqa: BLE001 - Ctrl-C: the lanes end at their next check
            run.halt.set()
            errors.append(error)
    errors += [raised for future in ended.values() if (raised := future.exception())]
    raise_worst(errors)


def _run_lane(run: RunContext, identity: str, call: Callable[[], None]) -> None:
    try:
        call()
    except ResetError as error:
        run.leave_behind(identity, error)  # raises an error of more than this lane
    except BaseException:
        run.halt.set()
        raise
