"""One step of one controller on one object, with its cause."""

from dataclasses import dataclass
from enum import StrEnum

from ks_reset.simulation.objects import Id, SimObject


class Effect(StrEnum):
    """The kind of change to the object."""

    DELETES = "deletes"
    LETS_GO = "lets go of"
    UNTIES = "unties"
    BINDS = "binds"
    CHANGES = "changes"
    MAKES = "makes"


@dataclass(frozen=True, slots=True)
class Transition:
    """`after` is the object afterwards, None if it is gone. `cause` is another object, if its state led to this.

    `field` is the field of the cause (or of the object itself) the actor reacts to, `source` the file stating this;
    `refused` says why the API server refuses, "" if it does not.
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
