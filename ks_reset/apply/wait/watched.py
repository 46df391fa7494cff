"""The clusters whose Workspaces prove a cure: the host, and each cluster that the removed record reached.

A stale record makes kubefed delete and re-create the Workspaces of the cluster that it reaches, and of no other one
(kubefed v0.8.1, pkg/controller/sync/controller.go, syncToClusters).
"""

from msgspec import Struct

from ks_reset.apply.context import RunContext
from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY, WORKSPACE_KEY
from ks_reset.cluster import Client, connect_record
from ks_reset.errors import Unknown
from ks_reset.facts import federation
from ks_reset.model import FleetFacts, Kind, Obj, WatchWorkspaces


class Watched(Struct, frozen=True):
    """A cluster to watch: its name for people, its client, its type Workspace, and the names kubefed creates there."""

    name: str
    client: Client
    kind: Kind
    expected: frozenset[str]


def watched_clusters(run: RunContext, action: WatchWorkspaces) -> list[Watched]:
    """The host and the clusters behind the records of the action, each once, but none without the type Workspace.

    Raises Unknown with the way on if the cluster behind a record cannot be asked, or lacks the type and should have
    Workspaces.
    """
    host = run.facts.host
    clients = {host.identity: (host.name, run.fleet.cluster(host.identity))}
    for record in action.through:
        identity, name, client = _cluster_behind(run, record)
        clients.setdefault(identity, (name, client))
    watched = []
    for identity, (name, client) in clients.items():
        expected = expected_workspaces(run.facts, identity, action.through)
        if kind := _workspace_kind(run, identity, client):
            watched.append(Watched(name, client, kind, expected))
        elif expected:
            raise Unknown(
                f"{name} does not serve the type Workspace, though kubefed should create {', '.join(sorted(expected))} "
                "there. So whether the cure holds there is not known. Run ks-reset doctor."
            )
    return watched


def expected_workspaces(facts: FleetFacts, identity: str, through: tuple[str, ...] = ()) -> frozenset[str]:
    """The names of the Workspaces that kubefed creates on a cluster: placed on one of its records.

    A record of `through` without an identity in the facts is taken for one of this cluster.
    """
    host = facts.host
    reached = federation.identity_by_record(host.dials)
    here = {record for record, known in reached.items() if known == identity}
    here |= {record for record in through if not reached.get(record)} if identity != host.identity else set()
    records = host.of(KUBEFED_CLUSTER_KEY)
    targets = (t for t in federation.federated_targets(host) if t.key == WORKSPACE_KEY and not t.source.deleting)
    return frozenset(target.name for target in targets if federation.placed_records(target.source, records) & here)


def workspace_uids(watched: Watched) -> dict[str, str]:
    """The UIDs of the Workspaces not being deleted, by name."""
    metadata = (w["metadata"] for w in watched.client.list(watched.kind, metadata_only=True))
    return {meta["name"]: meta["uid"] for meta in metadata if not meta.get("deletionTimestamp")}


def _cluster_behind(run: RunContext, record: str) -> tuple[str, str, Client]:
    """Identity, name and client of the cluster behind a record: the operator's client, else the record's own way."""
    identity = federation.identity_by_record(run.facts.host.dials).get(record, "")
    world = run.facts.cluster(identity) if identity not in run.lost else None
    if world:
        return identity, world.name, run.fleet.cluster(identity)
    try:
        client = connect_record(run.fleet.cluster(run.facts.host.identity), _find_record(run.facts, record))
    except Unknown as error:
        raise Unknown(
            f"{error} So its Workspaces are not watched, and whether the cure holds there is not known. Let the record "
            f"{record} answer from here; or watch them yourself, with kubectl --context ITS-CONTEXT get "
            "workspaces.tenant.kubesphere.io -w, and take the seatbelt off with ks-reset protect off --force."
        ) from error
    return client.identity, f"the cluster behind the record {record}", client


def _find_record(facts: FleetFacts, name: str) -> Obj:
    record = next((o for o in facts.host.of(KUBEFED_CLUSTER_KEY) if o.name == name), None)
    if record is None:
        raise Unknown(f"The record {name} is gone.")
    return record


def _workspace_kind(run: RunContext, identity: str, client: Client) -> Kind | None:
    """The type Workspace as the cluster serves it; None if it does not. Raises Unknown if that cannot be told."""
    world = run.facts.cluster(identity)
    if world:
        return world.kinds.get(WORKSPACE_KEY)
    discovery = client.discover()
    if WORKSPACE_KEY not in discovery.kinds and discovery.gaps:
        raise Unknown(f"Whether {client.context} serves Workspaces is not known: {discovery.gaps[0].why}")
    return discovery.kinds.get(WORKSPACE_KEY)
