"""What a plan does not hold and an action needs: from an opened vault, and from the operator's own files."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from ks_reset.credentials.fill import Known, added, restored, whole
from ks_reset.credentials.recorded import unrecorded
from ks_reset.credentials.vault import Vault
from ks_reset.errors import ResetError, Usage
from ks_reset.external.helm_output import veiled
from ks_reset.model import Body, Create, InstallChart


class Credentials(Struct, frozen=True):
    """`vault` is an opened one, `known` are the credentials in the operator's other files, by digest; `chart` are the
    bytes of the chart to install."""

    vault: Vault | None = None
    known: Known = {}
    chart: bytes = b""

    def __repr__(self) -> str:
        return "Keys()"

    def fill(self, action: Create | InstallChart) -> Body:
        """The body to send, with every credential in it. Raises Usage if what it needs was not given."""
        body = action.body if isinstance(action, Create) else action.values
        if not action.sealed:
            return body
        kept = self.vault.of(action) if self.vault else None
        full, missing = whole(body, self.known)
        given = any(unrecorded(body)) and not missing
        if kept and not given:  # what was given is what was approved; the vault has what ran before
            full = restored(full, kept)
            missing = list(unrecorded(full))
        if missing:
            raise Usage(
                f"{action.target} needs {', '.join(missing)}, of which the plan holds a digest alone. Give the files "
                "that the plan was made with, unchanged: --values, --join, or --vault and --identity."
            )
        if kept is None and not any(unrecorded(body)):
            raise Usage(
                f"{action.target} needs what is in the vault that the plan was made with: --vault and --identity."
            )
        return full


@contextmanager
def unsaid(planned: Create, sent: Create) -> Iterator[None]:
    """What goes wrong inside is told without what was filled in: an API server quotes what it does not like."""
    try:
        yield
    except ResetError as error:
        hidden = added(sent.body, planned.body)
        error.args = (veiled(str(error), {"": hidden}), *error.args[1:])
        raise
