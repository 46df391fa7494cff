"""The complete objects of KubeSphere whose content snapshots leave out, read for a vault."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from ks_reset import catalogue
from ks_reset.catalogue.names import SECRET_KEY, USER_KEY
from ks_reset.credentials.recorded import digest_fields
from ks_reset.credentials.vault import Vault, VaultEntry
from ks_reset.errors import ResetError
from ks_reset.facts import Clients
from ks_reset.model import ClusterFacts, FleetFacts, Obj

TOKEN = "kubernetes.io/service-account-token"  # noqa: S105
"""Not kept: its account is deleted by then, and Kubernetes deletes Secrets without their account (kubernetes v1.24.17,
pkg/controller/serviceaccount/tokens_controller.go)."""


Unread = Callable[[ClusterFacts, Obj, ResetError], None]
"""Told of each object that cannot be read."""


def read_vault(fleet: Clients, facts: FleetFacts, unread: Unread | None = None) -> Vault:
    """KubeSphere's own Secrets, ConfigMaps and Users on each cluster of the facts, complete, with the present time.

    An object that cannot be read is left out and told to `unread`. Raises its ResetError without `unread`.
    """
    entries = []
    for facts_of_cluster in facts.clusters:
        cluster = fleet.cluster(facts_of_cluster.identity)
        for obj in filter(partial(_is_hidden_from_snapshots, facts_of_cluster), facts_of_cluster.all()):
            try:
                body = cluster.get(obj.kind, obj.name, obj.namespace)
            except ResetError as error:
                if unread is None:
                    raise
                unread(facts_of_cluster, obj, error)
                continue
            if body and body.get("type") != TOKEN:
                entries.append(VaultEntry(facts_of_cluster.identity, obj.kind, body))
    return Vault(datetime.now(UTC).isoformat(timespec="seconds"), tuple(entries))


def _is_hidden_from_snapshots(cluster: ClusterFacts, obj: Obj) -> bool:
    """Whether it is an object of KubeSphere with fields missing from snapshots. A User without a hash has none."""
    own = catalogue.is_own_group(obj.kind.group) or catalogue.own_namespace(cluster, obj.namespace) is not None
    hidden = obj.kind.key == SECRET_KEY or any(digest_fields({k: v for k, v in obj.body.items() if k != "metadata"}))
    return own and (hidden or obj.kind.key == USER_KEY)
