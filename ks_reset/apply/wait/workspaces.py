"""watch-workspaces: after a cure, kubefed runs, every Workspace it should create exists, and none is recreated.

The time counts from the third renewal of kubefed's lock, and from the return of the Workspaces it had deleted: with
kubefed v0.8.1 that took half a minute after its start. Before that, an unchanged UID proves nothing.
"""

import time
from collections.abc import Callable, Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.wait.leader_lock import LeaderLock
from ks_reset.apply.wait.watched import Watched, watched_clusters, workspace_uids
from ks_reset.cluster import Client, until
from ks_reset.errors import Stopped
from ks_reset.model import WatchWorkspaces

Say = Callable[[str], None]
AGAIN = "Find out why it does not work, then run the same command again."


def watch_workspaces(run: RunContext, actions: Sequence[WatchWorkspaces]) -> None:
    """Watch for each action; the journal notes that the watch ended."""
    for action in actions:
        cluster, tell = run.fleet.cluster(action.cluster), run.teller_of(action.cluster)
        watch_uids(cluster, action, watched_clusters(run, action), run.timeout, tell)
        run.end_actions([action], "watched")


def watch_uids(cluster: Client, action: WatchWorkspaces, watched: Sequence[Watched], timeout: float, say: Say) -> None:
    """Watch that every Workspace keeps its UID for `action.seconds` while the kubefed of this cluster works.

    Raises Stopped if kubefed does not take its lock or create its Workspaces within `timeout` seconds, or if a UID
    changes.
    """
    _wait_for_lock(cluster, action, timeout, say)
    first = [(each, _wait_for_workspaces(each, action, timeout, say)) for each in watched]
    deadline = time.monotonic() + action.seconds

    def is_over() -> bool:
        for each, uids in first:
            _require_same_uids(each, uids)
        count = sum(len(uids) for _, uids in first)
        names = ", ".join(each.name for each, _ in first)
        say(f"{count} Workspaces of {names} unchanged, {max(0, deadline - time.monotonic()):.0f} s to go")
        return time.monotonic() >= deadline

    until(is_over, action.seconds + 60)


def _require_same_uids(watched: Watched, first: dict[str, str]) -> None:
    now = workspace_uids(watched)
    recreated = sorted(name for name in first if now.get(name) != first[name])
    if recreated:
        raise Stopped(
            f"Not cured: Workspace {recreated[0]} of {watched.name} was recreated or deleted while kubefed runs. Run "
            "ks-reset doctor."
        )


def _wait_for_lock(cluster: Client, action: WatchWorkspaces, timeout: float, say: Say) -> None:
    lock = LeaderLock(cluster, action)

    def is_renewed() -> bool:
        lock.read_lock()
        say(f"waiting for {action.name} to take its lock")
        return lock.renewals >= 2

    if not until(is_renewed, timeout):
        raise Stopped(f"{action.target} on {cluster.context} did not take its lock within {timeout:.0f} s. {AGAIN}")


def _wait_for_workspaces(watched: Watched, action: WatchWorkspaces, timeout: float, say: Say) -> dict[str, str]:
    """The UIDs of all Workspaces of a cluster by name, once kubefed has created all of the expected ones."""
    missing = set(watched.expected)

    def all_present() -> bool:
        missing.clear()
        missing.update(watched.expected - workspace_uids(watched).keys())
        say(f"waiting for {action.name} to create Workspace {', '.join(sorted(missing))} of {watched.name} again")
        return not missing

    if not until(all_present, timeout):
        lacking = f"Workspace {', '.join(sorted(missing))} of {watched.name}"
        raise Stopped(f"{action.target} did not create {lacking} again within {timeout:.0f} s. {AGAIN}")
    return workspace_uids(watched)
