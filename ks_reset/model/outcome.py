"""What becomes of an object: in a simulation, and as a plan file names it."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of an object."""

    DELETED = "deleted"
    STUCK = "stuck"
    CHANGED = "changed"
    REFUSED = "refused"
    MADE = "made"


LOST = (Outcome.DELETED, Outcome.STUCK)
"""The outcomes of objects that are gone or going."""
