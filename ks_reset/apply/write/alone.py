"""Which writes rest on a look of their own, taken for them alone right before, and are sent one at a time.

The deletion of a namespace ends everything inside it, and so does a removal of the last finalizers from an object being
deleted. The deletion of a type ends all its objects. A look does not read these: guards ask the facts of the step for
them, so types fly. An object given an owner is deleted with it, so the owner must live at that moment. Deployments
are scaled, conversions stopped, finalizers of namespaces given back and objects created one by one as well: these are
few, or depend on each other.
"""

from typing import assert_never

from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.model import Obj, ObjectWrite
from ks_reset.model import actions as verbs


def needs_own_look(action: ObjectWrite, now: Obj) -> bool:
    """Whether the write may not rest on a look shared with others; `now` is the object as the step has read it."""
    match action:
        case verbs.Delete():
            return action.kind.key == NAMESPACE_KEY
        case verbs.RemoveMarks():
            return now.deleting
        case verbs.AddMarks():
            return bool(action.marks.owners)
        case verbs.Scale() | verbs.StopConversion() | verbs.Create() | verbs.RestoreFinalizer():
            return True
        case unknown:
            assert_never(unknown)
