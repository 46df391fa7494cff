"""wait-ready: wait until an installation or a join works, and report its obstacles meanwhile.

There is no limit for an installation as a whole; the wait ends once nothing has changed for `timeout` seconds.
"""

import time
from collections.abc import Callable, Sequence

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.apply.context import RunContext
from ks_reset.apply.watch.objects import StabilityLost
from ks_reset.cluster import Client, until
from ks_reset.errors import Refused, Stopped, Unknown
from ks_reset.facts import federation
from ks_reset.facts.installation import INSTALLATION_KEYS, unfinished_parts
from ks_reset.facts.join_status import missing_for_join
from ks_reset.facts.workload_problems import workload_problems
from ks_reset.model import ClusterFacts, Reach, WaitReady

Say = Callable[[str], None]
DAY = 24 * 3600.0


def wait_ready(run: RunContext, actions: Sequence[WaitReady]) -> None:
    """Wait until the Deployments are up, then until the Clusters are ready and reach the right identity."""
    identity = actions[0].cluster
    cluster, tell = run.fleet.cluster(identity), run.teller_of(identity)
    if deployments := [action for action in actions if not action.reaches]:
        wait_installed(cluster, deployments, run.timeout, tell)
    if joins := [action for action in actions if action.reaches]:
        wait_joined(cluster, joins, run.timeout, tell)
    for action in actions:
        run.end_actions([action], "watched")


def wait_installed(cluster: Client, actions: Sequence[WaitReady], timeout: float, say: Say) -> None:
    """Return once these Deployments, and all other workloads in KubeSphere's namespaces, are available.

    Raises Stopped if nothing changes for `timeout` seconds, with the missing workloads and their problems.
    """
    names = [(action.namespace, action.name) for action in actions]

    def look() -> tuple[list[str], list[str]]:
        world = reading.read_types(cluster, cluster.context, INSTALLATION_KEYS)
        return [*_unread_types(world), *unfinished_parts(world, names)], workload_problems(world)

    _wait_while_moving(cluster.context, look, timeout, say)


def wait_joined(host: Client, actions: Sequence[WaitReady], timeout: float, say: Say) -> None:
    """Return once each Cluster and its record are ready, and both reach the planned cluster.

    Raises Refused if one reaches another cluster, or two records reach the same one; Stopped if nothing changes for
    `timeout` seconds.
    """

    def look() -> tuple[list[str], list[str]]:
        world = reading.read_types(host, host.context, federation.RECORD_KEYS)
        return [
            *_unread_types(world),
            *(line for action in actions for line in missing_for_join(world, action.name)),
        ], []

    _wait_while_moving(host.context, look, timeout, say)
    world = reading.with_dials(host, reading.read_types(host, host.context, federation.RECORD_KEYS))
    for unread in _unread_types(world):
        raise Unknown(unread)
    for action in actions:
        _require_reached(world, action)
    _require_one_record(world)


def _unread_types(world: ClusterFacts) -> list[str]:
    """A line for each unread type. It may have been created just now, and be served a moment later."""
    return [f"{gap.what} could not be read: {gap.why}" for gap in world.gaps]


def _wait_while_moving(context: str, look: Callable[[], tuple[list[str], list[str]]], timeout: float, say: Say) -> None:
    last: list[str] = []
    since = time.monotonic()

    def done() -> bool:
        nonlocal last, since
        lines, why = look()
        if lines != last:
            last, since = lines, time.monotonic()
        if lines and time.monotonic() - since > timeout:
            raise Stopped(
                f"On {context} nothing has changed for {timeout:.0f} s. Waiting for: {'; '.join(lines[:5])}. "
                f"{_reasons_text(why)} Nothing was forced. Remove the cause, then run the same command again."
            )
        say(f"waiting for {len(lines)}: {lines[0]}{f'; {why[0]}' if why else ''}" if lines else "all of it works")
        return not lines

    if not until(done, DAY):
        raise Stopped(
            f"On {context} changes went on for a day, and it is not ready: {'; '.join(last[:5])}. Remove the cause, "
            "then run the same command again."
        )


def _reasons_text(why: list[str]) -> str:
    return f"Problems: {'; '.join(why[:5])}." if why else "No pod or event gives a reason."


def _require_reached(world: ClusterFacts, action: WaitReady) -> None:
    """Raises Refused if a record of this name reaches another cluster than planned, Stopped if none answers."""
    mine = [each for each in (*world.dials, *world.connections) if each.record == action.name]
    reached = [each for each in mine if each.reach is Reach.REACHED]
    if not reached:
        said = "; ".join(f"{each.way} at {each.endpoint}: {each.reach} {each.detail}".rstrip() for each in mine)
        raise Stopped(
            f"The cluster behind {action.name} on {world.name} could not be reached: {said or 'no record'}. The "
            "seatbelt stays on. Run this command from a place that reaches the address."
        )
    for each in reached:
        if each.identity != action.reaches:
            raise Refused(
                f"The {each.way} {action.name} on {world.name} reaches the cluster {each.identity}, and not "
                f"{action.reaches} as planned. The seatbelt stays on. Remove the record "
                f"(ks-reset plan stale-record --record {action.name}), and check the kubeconfig given with --join."
            )


def _require_one_record(world: ClusterFacts) -> None:
    """Raises StabilityLost if two records reach one cluster: this is how namespaces were destroyed."""
    ways = (world, structs.replace(world, dials=world.connections))
    for group in (found for way in ways for found in federation.same_cluster_groups(way)):
        names = ", ".join(dial.record for dial in group.dials)
        raise StabilityLost(
            f"The records {names} of {world.name} reach one cluster ({group.identity or group.dials[0].endpoint}). "
            "kubefed deletes through one what it creates through the other. The seatbelt stays on. Bind no namespace, "
            "and run ks-reset plan stale-record."
        )
