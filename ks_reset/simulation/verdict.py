"""The verdict of a trace on one object: its consequences, and the blockers left when no controller acts any more."""

from collections.abc import Sequence

from msgspec import structs

from ks_reset.errors import Usage
from ks_reset.model import Outcome
from ks_reset.simulation.blockers import SERVER, Blocker, blockers_of
from ks_reset.simulation.chains import Consequence, History, consequences_of
from ks_reset.simulation.events import trace_events
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.run import Trace
from ks_reset.simulation.state import State

VERDICTS = ("stays", "changed", "stuck", "lost")  # from good to bad
RESTARTS = ("kubefed restarts", "ks-controller-manager restarts")
COMING: tuple[tuple[str, ...], ...] = (*((text,) for text in RESTARTS), RESTARTS, ("KubeSphere is installed again",))
"""The events tried if nothing happens as things stand."""


def consequences_for(trace: Trace, subject: SimObject) -> tuple[Consequence, ...]:
    """The consequences for one object; after several changes with the chain of the last, which includes the others."""
    history = History(trace)

    def with_whole_chain(consequence: Consequence) -> Consequence:
        if consequence.fate is not Outcome.CHANGED:
            return consequence
        return structs.replace(consequence, chain=history.causal_chain(history.accepted[subject.id][-1]))

    return tuple(
        with_whole_chain(consequence) for other, consequence in consequences_of(trace) if other.id == subject.id
    )


def verdict_on(trace: Trace, subject: SimObject) -> str:
    """One of VERDICTS."""
    now = trace.after.objects.get(subject.id)
    if now is None or now.uid != subject.uid:
        return "stuck" if remaining_blockers(trace, subject) else "lost"
    return "stuck" if now.deleting else "stays" if now == subject else "changed"


def remaining_blockers(trace: Trace, subject: SimObject) -> list[Blocker]:
    """The blockers left at the end of the trace, or those from the start the simulated controllers do not heed.

    These are conversions that fail, and webhooks that refuse until their backend returns.
    """
    now = trace.after.objects.get(subject.id)
    if now and now.uid == subject.uid:
        return blockers_of(trace.after, now) if now.deleting else []
    blockers = blockers_of(trace.before, subject) if subject.deleting else []
    unheeded = [blocker for blocker in blockers if blocker.who == SERVER]
    return blockers if any(blocker.runs for blocker in unheeded) else unheeded


def verdict_after(before: State, subject: SimObject, events: Sequence[str]) -> str:
    """The verdict after these events; "stays" for an event these clusters cannot have."""
    try:
        return verdict_on(trace_events(before, before.objects[subject.id], events), subject)
    except Usage:  # there is no such controller here
        return "stays"


def fatal_events(before: State, subject: SimObject) -> list[tuple[str, ...]]:
    """The events of COMING that lose the object; single events only, if there is one."""
    fatal = [events for events in COMING if verdict_after(before, subject, events) == "lost"]
    return [events for events in fatal if len(events) == 1] or fatal
