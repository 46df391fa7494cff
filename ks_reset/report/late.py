"""What was added to the clusters between the approval of a plan and its end, and what became of it."""

from collections.abc import Iterable, Sequence

from ks_reset.apply import LateMarks
from ks_reset.model import Delete, Plan
from ks_reset.plan.again import command_again

NAMES = 10


def lines_on_late_changes(plan: Plan, left: Sequence[LateMarks], also: Sequence[Delete]) -> Iterable[str]:
    """Sentences on marks left alone and on objects deleted with their types; none if nothing was added."""
    names = {cluster.identity: cluster.name for cluster in plan.clusters}
    if left:
        listed = [f"{each.object} on {names[each.cluster]}: {', '.join(each.marks.names)}" for each in left]
        yield (
            f"{len(left)} object(s) got marks of KubeSphere's after the plan was made. They are not in the plan and "
            f"were left: {_as_list(listed)}. To remove them, make a new plan ("
            f"{command_again(plan)}), read it, and apply it."
        )
    if also:
        listed = [f"{action.target} on {names[action.cluster]}" for action in also]
        yield (
            f"{len(also)} object(s) were created after the plan was made and deleted with their types, whose deletion "
            f"was approved: {_as_list(listed)}."
        )


def _as_list(entries: Sequence[str]) -> str:
    more = f"; and {len(entries) - NAMES} more" if len(entries) > NAMES else ""
    return "; ".join(entries[:NAMES]) + more
