"""What a plan does not hold and an action needs: from an opened vault, and from the operator's own files."""

from msgspec import Struct

from ks_reset.errors import Usage
from ks_reset.facts.image import unrecorded
from ks_reset.facts.known import Known, whole
from ks_reset.model import Action, Body
from ks_reset.vault import Vault, fill


class Keys(Struct, frozen=True):
    """`vault` is an opened one, `known` are credentials by digest, `chart` the bytes of the chart to install."""

    vault: Vault | None = None
    known: Known = {}
    chart: bytes = b""

    def __repr__(self) -> str:
        return "Keys()"

    def fill(self, action: Action) -> Body:
        """The body to send, with everything in it. Raises Usage if what it needs was not given."""
        if not action.sealed or not any(unrecorded(action.body or {})):
            return fill(self.vault, action)
        full, missing = whole(action.body or {}, self.known)
        if not missing:
            return full
        if self.vault and self.vault.has(action):
            return fill(self.vault, action)
        raise Usage(
            f"{action.target} needs {', '.join(missing)}, of which the plan holds a digest alone. Give the files that "
            "the plan was made with, unchanged: --values, --join, or --vault and --identity."
        )
