"""After a cure, look whether it holds: kubefed runs, and no Workspace is made anew.

Looking at a kubefed that has not begun to work proves nothing, so the time counts from its third lock renewal on.
"""

import time
from collections.abc import Callable

from ks_reset.apply.lock import Lock
from ks_reset.cluster import Cluster, until
from ks_reset.errors import Stopped
from ks_reset.model import Action

WORKSPACE = "Workspace.tenant.kubesphere.io"


def watch(cluster: Cluster, action: Action, timeout: float, heartbeat: Callable[[str], None]) -> None:
    """See the UID of every Workspace stay the same for `action.seconds` while kubefed works.

    Raises Stopped if kubefed does not take its lock within `timeout` seconds or if a UID changes.
    """
    lock = Lock(cluster, action)

    def working() -> bool:
        lock.look()
        heartbeat(f"waiting for {action.target} to take its lock")
        return lock.renewals >= 2

    if not until(working, timeout):
        raise Stopped(
            f"{action.target} on {cluster.context} did not take its lock within {timeout:.0f} s, so the cure is not "
            "proven. See why it does not run, then run the same command again."
        )
    kind = cluster.kinds()[WORKSPACE]
    first = {w["metadata"]["name"]: w["metadata"]["uid"] for w in cluster.list(kind, metadata_only=True)}
    deadline = time.monotonic() + action.seconds

    def over() -> bool:
        now = {w["metadata"]["name"]: w["metadata"]["uid"] for w in cluster.list(kind, metadata_only=True)}
        anew = sorted(name for name in first if now.get(name) != first[name])
        if anew:
            raise Stopped(
                f"Not cured: Workspace {anew[0]} was made anew or deleted while kubefed runs. Run doctor again."
            )
        heartbeat(f"{len(first)} Workspaces unchanged, {max(0, deadline - time.monotonic()):.0f} s to go")
        return time.monotonic() >= deadline

    until(over, action.seconds + 60)
