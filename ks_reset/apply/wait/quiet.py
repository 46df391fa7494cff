"""Prove that controllers are quiet: no pods, and no renewal of their leader-election locks for longer than the lease.

A Deployment at zero replicas is not proof. A second copy may run outside the cluster, or under another name; whoever
holds the lock renews it (every 2 s by default: client-go v0.24, tools/leaderelection), so a lock that stands still
for longer than its lease is held by nobody.
"""

from collections.abc import Callable

from ks_reset.apply.wait.leader_lock import LeaderLock
from ks_reset.cluster import Client, until
from ks_reset.errors import Stopped
from ks_reset.model import Action


def prove(
    controllers: list[tuple[Client, Action]],
    known: dict[str, str],
    timeout: float,
    heartbeat: Callable[[str], None],
) -> dict[str, str]:
    """Wait until all these controllers, on all clusters, are quiet; the versions of their locks at that moment.

    `known` are the versions at an earlier proof: a lock that still has its version was not renewed since, and needs
    no second wait. Raises Stopped after `timeout` seconds.
    """
    locks = {_name(cluster, action): LeaderLock(cluster, action) for cluster, action in controllers}
    for name, lock in locks.items():
        lock.proven = known.get(name)

    def quiet() -> bool:
        noisy = [name for name, lock in locks.items() if not lock.quiet()]
        if noisy:
            heartbeat("not yet quiet: " + "; ".join(f"{name}: {locks[name].seen}" for name in noisy))
        return not noisy

    if not until(quiet, timeout):
        seen = "; ".join(f"{name}: {lock.seen}" for name, lock in locks.items())
        raise Stopped(
            f"Controllers are not quiet after {timeout:.0f} s ({seen}). Nothing was deleted yet. "
            "Find what still runs, then run the same command again."
        )
    return {name: lock.version for name, lock in locks.items()}


def _name(cluster: Client, action: Action) -> str:
    return f"{action.namespace}/{action.name} on {cluster.context}"
