"""A cluster that another host has joined: that host has all rights on it, and deletes what it marks and does not place.

The join makes ClusterRole kubefed-controller-manager:<cluster>-<host> on the member (kubesphere v3.3.1,
pkg/controller/cluster/join.go; kubefed v0.8.1, pkg/kubefedctl/join.go). KubeSphere's host joins its members again
every two minutes (cluster_controller.go, resyncPeriod), so a member that is cleaned meanwhile is not clean for long.
"""

from collections.abc import Iterable

from ks_reset.facts.join_accounts import Join, foreign, own
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity

BLOCKS = ("uninstall", "adopt-member", "detach-member")
GONE = "if that host is gone, say so with --gone-host {0}"


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        others = foreign(facts, world, options)
        shared = world is not facts.host and world.name in options.request.shared
        blocks = ("uninstall", "adopt-member") if own(facts, world, options) else BLOCKS
        if others:
            yield _finding(facts, world, others, options, blocks=() if shared else blocks)


def _finding(
    facts: FleetFacts, world: ClusterFacts, others: list[Join], options: Options, blocks: tuple[str, ...]
) -> Finding:
    accounts = ", ".join(join.account for join in others)
    mine = own(facts, world, options)
    gone = GONE.format(" --gone-host ".join(join.account for join in others))
    leave = f"; if it still runs, add --shared {world.name}: then only this host's traces go" if mine else ""
    return Finding(
        id="two-hosts" if mine else "other-host",
        severity=Severity.WARNING,
        title=f"{world.name} was joined by a host that is not this one: {accounts}",
        evidence=tuple(
            Evidence(world.name, join.role.title, "ServiceAccount", f"{join.namespace}/{join.account}")
            for join in others
        ),
        next="While that host runs, it joins this cluster anew and deletes here what it has marked and does not place.",
        cure=f"Find out which host that is: {gone}{leave}.",
        blocks=blocks,
    )
