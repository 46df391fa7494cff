"""ks-reset vault: credentials for restore and rebind, encrypted with age. Snapshots hold none."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ks_reset import catalogue
from ks_reset.catalogue.names import SECRET_KEY, USER_KEY
from ks_reset.cli import options as o
from ks_reset.cli.terminal import Terminal
from ks_reset.credentials.recorded import digest_fields
from ks_reset.credentials.vault import Vault, VaultEntry, write_vault
from ks_reset.facts import Clients
from ks_reset.model import ClusterFacts, FleetFacts, Obj
from ks_reset.report.console import stderr_console
from ks_reset.workflows.interaction import gather_facts

NAME = "vault"
EXAMPLES = ("Example: ks-reset vault -r age1… --out vault.age --context prod",)
TOKEN = "kubernetes.io/service-account-token"  # noqa: S105
"""Not kept: its account is deleted by then, and Kubernetes deletes Secrets without their account (kubernetes v1.24.17,
pkg/controller/serviceaccount/tokens_controller.go)."""
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write.")]
Recipients = Annotated[
    list[str],
    typer.Option("--recipient", "-r", help="An age key (age1…) or SSH public key that opens it; may be repeated."),
]


def command(
    out: Out,
    recipient: Recipients,
    *,
    connection: o.Connection,
) -> None:
    """Keep the contents of KubeSphere's own Secrets and ConfigMaps, and password hashes, encrypted for your key."""
    fleet = connection.open_clients()
    entries = _read_entries(fleet, gather_facts(fleet, Terminal()))
    write_vault(Vault(datetime.now(UTC).isoformat(timespec="seconds"), entries), recipient, out)
    stderr_console().print(f"Kept {len(entries)} objects in {out}. Only the keys that you named open it.", markup=False)


def _read_entries(fleet: Clients, facts: FleetFacts) -> tuple[VaultEntry, ...]:
    entries = []
    for facts_of_cluster in facts.clusters:
        cluster = fleet.cluster(facts_of_cluster.identity)
        for obj in filter(partial(_is_hidden_from_snapshots, facts_of_cluster), facts_of_cluster.all()):
            body = cluster.get(obj.kind, obj.name, obj.namespace)
            if body and body.get("type") != TOKEN:
                entries.append(VaultEntry(facts_of_cluster.identity, obj.kind, body))
    return tuple(entries)


def _is_hidden_from_snapshots(cluster: ClusterFacts, obj: Obj) -> bool:
    """Whether it is an object of KubeSphere with fields missing from snapshots. A User without a hash has none."""
    own = catalogue.is_own_group(obj.kind.group) or catalogue.own_namespace(cluster, obj.namespace) is not None
    hidden = obj.kind.key == SECRET_KEY or any(digest_fields({k: v for k, v in obj.body.items() if k != "metadata"}))
    return own and (hidden or obj.kind.key == USER_KEY)
