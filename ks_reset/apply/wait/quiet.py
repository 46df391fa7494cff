"""wait-quiet: wait until controllers have no pods, and their leader-election locks were not renewed for a lease.

A Deployment with zero replicas is no proof. A second copy may run outside the cluster, or under another name. The
holder of a lock renews it (every 2 s by default: client-go v0.24, tools/leaderelection), so a lock that was not renewed
for longer than its lease has no holder.
"""

from collections.abc import Callable, Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.wait.leader_lock import LeaderLock
from ks_reset.cluster import Client, until
from ks_reset.errors import Stopped
from ks_reset.model import WaitQuiet


def wait_quiet(run: RunContext, actions: Sequence[WaitQuiet]) -> None:
    """Wait until all these controllers of one cluster are quiet; the journal keeps the versions of their locks.

    Raises Stopped after the run's timeout, or twice the longest lease if that is more.
    """
    identity = actions[0].cluster
    cluster, timeout = run.fleet.cluster(identity), max(run.timeout, 2 * max(action.seconds for action in actions))
    controllers = [(cluster, action) for action in actions]
    run.journal.note_event(
        "quiet", locks=prove_quiet(controllers, run.journal.proven_locks(), timeout, run.teller_of(identity))
    )
    run.eyes[identity].forget_controllers()


def prove_quiet(
    controllers: list[tuple[Client, WaitQuiet]],
    known: dict[str, str],
    timeout: float,
    heartbeat: Callable[[str], None],
) -> dict[str, str]:
    """Wait until all these controllers, on all clusters, are quiet; the versions of their locks at that moment.

    `known` are versions from an earlier proof: a lock still in its version was not renewed since, and needs no second
    wait. Raises Stopped after `timeout` seconds.
    """
    locks = {_lock_name(cluster, action): LeaderLock(cluster, action) for cluster, action in controllers}
    for name, lock in locks.items():
        lock.proven = known.get(name)

    def quiet() -> bool:
        noisy = [name for name, lock in locks.items() if not lock.is_quiet()]
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


def _lock_name(cluster: Client, action: WaitQuiet) -> str:
    return f"{action.namespace}/{action.name} on {cluster.context}"
