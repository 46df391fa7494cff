"""What one controller does next to one object, and what led to it."""

from dataclasses import dataclass
from enum import StrEnum

from ks_reset.simulation.objects import Id, SimObject


class Effect(StrEnum):
    """What happens to the object."""

    DELETES = "deletes"
    LETS_GO = "lets go of"
    UNTIES = "unties"
    BINDS = "binds"
    CHANGES = "changes"
    MAKES = "makes"


@dataclass(frozen=True, slots=True)
class Transition:
    """`after` is the thing then, None if it is gone. `cause` is the object whose state led to it, if one did.

    `field` says where on the cause (or on the object itself) that is written; `refused` why the API server says no.
    """

    actor: str
    deed: Effect
    place: Id
    after: SimObject | None
    cause: Id | None
    field: str
    why: str
    source: str
    refused: str = ""
