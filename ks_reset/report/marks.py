"""The marks that a plan removes, and what each of them does."""

from collections import Counter
from collections.abc import Iterable

from ks_reset.catalogue.effects import mark_effect
from ks_reset.model import Plan, RemoveMarks

UNKNOWN = "this catalogue does not know what it does"
OWNER = "ties the object to its owner: garbage collection deletes it with the owner"


def mark_lines(plan: Plan) -> Iterable[str]:
    """A line for each mark: its key, on how many objects, and what it does."""
    counts: Counter[tuple[str, str]] = Counter()
    for action in plan.actions:
        if isinstance(action, RemoveMarks):
            keys = {*action.marks.labels, *action.marks.annotations, *action.marks.finalizers}
            counts.update((key, _effect_text(key)) for key in keys)
            counts.update({(f"ownerReference to a {owner['kind']}", OWNER) for owner in action.marks.owners})
    for (key, does), count in sorted(counts.items()):
        yield f"goes from {count} object(s): {key}: {does}"


def _effect_text(key: str) -> str:
    entry = mark_effect(key)
    if entry is None:
        return UNKNOWN
    return f"{entry.does} (it is not on this cluster, or goes with KubeSphere)" if entry.reader else entry.does
