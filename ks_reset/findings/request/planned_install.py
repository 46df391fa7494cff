"""What a plan is about to put on: KubeSphere on which clusters, which members it joins; and what of that has begun.

A run that was killed is planned and applied again on what it has left behind, so what asks for a clean cluster asks
only where nothing has begun.
"""

from collections.abc import Iterable

from ks_reset import seatbelt
from ks_reset.facts.federation import CLUSTER, RECORD
from ks_reset.facts.installation import begun
from ks_reset.model import ClusterFacts, FleetFacts, MemberJoin, Options

REINSTALL = "reinstall"
"""The playbook, as a seatbelt says whose it is (ks_reset/apply/run.py)."""


def installing(facts: FleetFacts, options: Options) -> list[ClusterFacts]:
    """The clusters that KubeSphere is put on: by an installer, by a chart, or by the host of 4.x that joins them.

    kubesphere v4.1.3, pkg/controller/cluster/helper.go, installKSCoreInMemberCluster.
    """
    install = options.material.install
    chosen = {past.cluster for past in install.objects} if install else set()
    chosen |= {chart.cluster for chart in install.charts} if install else set()
    chosen |= set() if federates(facts) else {world.identity for _, world in due(facts, options)}
    return [world for world in facts.clusters if world.identity in chosen]


def due(facts: FleetFacts, options: Options) -> Iterable[tuple[MemberJoin, ClusterFacts]]:
    """The members that are to be joined and are not yet named on the host; from then on its controllers join them."""
    for joining in options.material.joining:
        member = facts.world(joining.reaches)
        if member and facts.host.get(CLUSTER, joining.cluster.obj.name) is None:
            yield joining, member


def federates(facts: FleetFacts) -> bool:
    """Whether a join lets kubefed loose on the member: of 3.x; the host of 4.x works there itself."""
    return RECORD in facts.host.kinds


def fresh(world: ClusterFacts) -> bool:
    """Whether nothing has begun here: no installation, and no run of reinstall that has put its seatbelt on.

    helm makes a chart's types before it writes that there is a release (helm v3.19.5, pkg/action/install.go,
    RunWithContext); what a run that was killed in between has left, it had asked before it fastened the seatbelt.
    """
    belt = seatbelt.found(world)
    return not begun(world) and not (belt and belt.run == REINSTALL)
