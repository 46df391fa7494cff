"""Something that a run relies on does not stay: the run stops, and goes back."""

from ks_reset.errors import Refused
from ks_reset.model import Obj


class StabilityLost(Refused):
    """Something that has to stay was made anew, or is going: what hangs on it is in danger.

    `obj` says what, as it was last seen, and `cluster` where, by identity.
    """

    def __init__(self, message: str, cluster: str = "", obj: Obj | None = None) -> None:
        super().__init__(message)
        self.cluster, self.obj = cluster, obj
