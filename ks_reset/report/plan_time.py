"""How long a plan takes, as far as that is known before: its own waits, and its writes at a measured rate."""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.language import join_words, translate_phrase
from ks_reset.model import Action, Delete, Plan, WaitQuiet, WaitStable, WatchWorkspaces

REQUESTS = 4.3
"""Requests of a write, measured by `bench/apply.py` on real control planes (docs/performance.md, writes in flight)."""
SECONDS = 0.1
"""Of one request, assumed: an API server in the same region."""


def time_sentence(plan: Plan) -> str:
    """What the run waits for by itself, what its writes take, and what each of the two rests on; "" without actions."""
    if not plan.actions:
        return ""
    writes = sum(action.writes for action in plan.actions)
    parts = []
    if writes:
        about = (duration_text(writes * REQUESTS * SECONDS), writes, REQUESTS, f"{SECONDS:g}")
        parts.append(
            translate_phrase(
                "about {0} for {1} writes ({2} requests each as measured, {3} s a request assumed)", *about
            )
        )
    if waits := waiting_seconds(plan):
        quiet = sum(isinstance(action, WaitQuiet) for action in plan.actions)
        watched = any(isinstance(action, WaitStable | WatchWorkspaces) for action in plan.actions)
        leases = translate_phrase("until the leases of {0} controllers have run out", quiet) if quiet else ""
        why = join_words(filter(None, (leases, translate_phrase("watches") if watched else "")))
        parts.insert(0, translate_phrase("at least {0} of waiting ({1})", duration_text(waits), why))
    spaces = sum(isinstance(a, Delete) and a.kind.key == NAMESPACE_KEY for a in plan.actions)
    more = translate_phrase(" Kubernetes' own time to empty {0} namespaces is not in it.", spaces) if spaces else ""
    listed = translate_phrase(", then ").join(parts) or translate_phrase("seconds")
    return translate_phrase("How long: {0}.{1}", listed, more)


def waiting_seconds(plan: Plan) -> int:
    """The sum of the waits of all steps. A step works on all members at once, then on the host."""
    host = plan.clusters[-1].identity
    total = 0
    for step in plan.steps:
        mine = [action for action in plan.actions if action.step == step]
        members = {action.cluster for action in mine} - {host}
        total += max((_seconds(a for a in mine if a.cluster == each) for each in members), default=0)
        total += _seconds(a for a in mine if a.cluster == host)
    return total


def _seconds(actions: Iterable[Action]) -> int:
    """The waits of one step on one cluster: leases are watched together, the batches of a step one after the other."""
    together: dict[tuple[str, int], int] = {}
    for action in actions:
        if isinstance(action, WaitQuiet | WaitStable | WatchWorkspaces):
            key = (action.verb, getattr(action, "batch", 0))
            together[key] = max(together.get(key, 0), action.seconds)
    return sum(together.values())


def duration_text(seconds: float) -> str:
    """`45 s`, `12 min`, `2 h 5 min`."""
    if seconds < 90:
        return translate_phrase("{0} s", max(round(seconds), 1))
    hours, minutes = divmod(round(seconds / 60), 60)
    return translate_phrase("{0} h {1} min", hours, minutes) if hours else translate_phrase("{0} min", minutes)
