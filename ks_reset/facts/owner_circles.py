"""Objects that own each other: nothing outside the circle tells whose they are."""

from collections.abc import Mapping

from ks_reset.model import Obj


def owns_itself(obj: Obj, by_uid: Mapping[str, Obj]) -> bool:
    """Whether the owners of an object lead back to it."""
    seen, left = set[str](), [obj]
    while left:
        owners = [by_uid[ref.uid] for ref in left.pop().owners if ref.uid in by_uid and ref.uid not in seen]
        seen |= {owner.uid for owner in owners}
        left += owners
    return obj.uid in seen
