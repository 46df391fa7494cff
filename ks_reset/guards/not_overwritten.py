"""What somebody has written on an object since is not overwritten."""

from ks_reset.errors import Refused
from ks_reset.guards.context import GuardContext
from ks_reset.model import Action, AddMarks, Obj


def guard(action: Action, now: Obj, _: GuardContext) -> None:
    """Raises Refused if a label or annotation that a mark brings is there with another value."""
    if not isinstance(action, AddMarks):
        return
    for there, given in ((now.labels, action.marks.labels), (now.annotations, action.marks.annotations)):
        for key, value in given.items():
            if there.get(key, value) != value:
                raise Refused(
                    f"Refused to mark {action.target} with {key}={value}: it says {there[key]} by now. Nothing was "
                    "sent. Find who wrote that, then make a new plan."
                )
