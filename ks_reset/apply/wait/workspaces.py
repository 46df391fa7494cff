"""watch-workspaces: after a cure, kubefed runs, every Workspace it should create exists, and none is recreated.

The time counts from the third renewal of kubefed's lock, and from the return of the Workspaces it had deleted: with
kubefed v0.8.1 that took half a minute after its start. Before that, an unchanged UID proves nothing.
"""

import time
from collections.abc import Callable, Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.wait.leader_lock import LeaderLock
from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY, WORKSPACE_KEY
from ks_reset.cluster import Client, until
from ks_reset.errors import Stopped
from ks_reset.facts import federation
from ks_reset.model import FleetFacts, Kind, WatchWorkspaces

Say = Callable[[str], None]
AGAIN = "Find out why it does not work, then run the same command again."


def watch_workspaces(run: RunContext, actions: Sequence[WatchWorkspaces]) -> None:
    """Watch for each action; the journal notes that the watch ended."""
    for action in actions:
        cluster, tell = run.fleet.cluster(action.cluster), run.teller_of(action.cluster)
        watch_uids(cluster, action, run.facts, run.timeout, tell)
        run.journal.end_action(action, "watched")


def watch_uids(cluster: Client, action: WatchWorkspaces, facts: FleetFacts, timeout: float, say: Say) -> None:
    """Watch that every Workspace keeps its UID for `action.seconds` while kubefed works.

    Raises Stopped if kubefed does not take its lock or create its Workspaces within `timeout` seconds, or if a UID
    changes.
    """
    _wait_for_lock(cluster, action, timeout, say)
    kind = facts.host.kinds[WORKSPACE_KEY]
    first = _wait_for_workspaces(cluster, action, _expected_workspaces(facts), kind, timeout, say)
    deadline = time.monotonic() + action.seconds

    def is_over() -> bool:
        now = _workspace_uids(cluster, kind)
        recreated = sorted(name for name in first if now.get(name) != first[name])
        if recreated:
            raise Stopped(
                f"Not cured: Workspace {recreated[0]} was recreated or deleted while kubefed runs. Run ks-reset doctor."
            )
        say(f"{len(first)} Workspaces unchanged, {max(0, deadline - time.monotonic()):.0f} s to go")
        return time.monotonic() >= deadline

    until(is_over, action.seconds + 60)


def _wait_for_lock(cluster: Client, action: WatchWorkspaces, timeout: float, say: Say) -> None:
    lock = LeaderLock(cluster, action)

    def is_renewed() -> bool:
        lock.read_lock()
        say(f"waiting for {action.name} to take its lock")
        return lock.renewals >= 2

    if not until(is_renewed, timeout):
        raise Stopped(f"{action.target} on {cluster.context} did not take its lock within {timeout:.0f} s. {AGAIN}")


def _wait_for_workspaces(
    cluster: Client, action: WatchWorkspaces, names: set[str], kind: Kind, timeout: float, say: Say
) -> dict[str, str]:
    """The UIDs of all Workspaces by name, once kubefed has created all of `names`."""
    missing = set(names)

    def all_present() -> bool:
        missing.clear()
        missing.update(names - _workspace_uids(cluster, kind).keys())
        say(f"waiting for {action.name} to create Workspace {', '.join(sorted(missing))} again")
        return not missing

    if not until(all_present, timeout):
        lacking = ", ".join(sorted(missing))
        raise Stopped(f"{action.target} did not create Workspace {lacking} again within {timeout:.0f} s. {AGAIN}")
    return _workspace_uids(cluster, kind)


def _expected_workspaces(facts: FleetFacts) -> set[str]:
    """The names of the Workspaces placed on the host's own cluster."""
    here = federation.records_of(facts, facts.host)
    records = facts.host.of(KUBEFED_CLUSTER_KEY)
    targets = (t for t in federation.federated_targets(facts.host) if t.key == WORKSPACE_KEY and not t.source.deleting)
    return {target.name for target in targets if federation.placed_records(target.source, records) & here}


def _workspace_uids(cluster: Client, kind: Kind) -> dict[str, str]:
    """The UIDs of the Workspaces not being deleted, by name."""
    metadata = (w["metadata"] for w in cluster.list(kind, metadata_only=True))
    return {meta["name"]: meta["uid"] for meta in metadata if not meta.get("deletionTimestamp")}
