"""Create the vendor's objects again on a cluster without them, as an installation of the same version does."""

from bench.recorded.load import Loaded
from bench.recorded.releases import why_refused
from bench.recorded.world import Row
from ks_reset.cluster import Client
from ks_reset.errors import ResetError
from ks_reset.model import Body, Kind


class Reinstalled(Loaded):
    """Objects created, those that were there already, and those that stop the installation, with the reason."""

    def __init__(self, before: dict[str, str]) -> None:
        super().__init__()
        self.kept: list[str] = []
        self.by_recorded = before

    @property
    def created(self) -> int:
        return len(self.uids) - len(self.kept)

    def reuse(self, client: Client, kind: Kind, row: Row, body: Body, existing: Body) -> Body:
        """Helm takes over an object of its own release alone, and `kubectl apply` writes over any: so here.

        Raises ResetError for an object that stops helm.
        """
        if why := why_refused(existing["metadata"], row.body["metadata"]):
            raise ResetError(f"helm refuses it: {why}")
        body["metadata"].pop("ownerReferences", None)
        self.kept.append(row.title)
        return client.merge_patch(kind, row.name, row.namespace, body)


def reinstall(client: Client, rows: list[Row], before: Loaded) -> Reinstalled:
    """Create all of the vendor's objects that the first installation had."""
    again = [row for row in rows if row.whose == "vendor" and row.title in before.uids]
    made = {row.uid for row in again}
    done = Reinstalled({recorded: uid for recorded, uid in before.by_recorded.items() if recorded not in made})
    done.load(client, again)
    return done
