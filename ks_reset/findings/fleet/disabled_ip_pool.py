"""A pool of Calico is disabled because its namesake of KubeSphere's was deleted: new Pods get no address from it.

While KubeSphere's IPPool is in deletion with its finalizer, ks-controller-manager disables Calico's pool at each look,
every three seconds while an address is in use, and then deletes it (kubesphere v3.3.1,
pkg/controller/network/ippool/ippool_controller.go, processIPPool; pkg/simple/client/network/ippool/calico/provider.go,
DeleteIPPool). Without that IPPool nothing disables the pool: UpdateIPPool does nothing, and at its next start the
controller makes an IPPool of each pool of Calico (syncIPPools). KubeSphere's own pools name it as their owner
(CreateIPPool), so that garbage collection takes them along.
"""

from collections.abc import Iterable

from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation.by_hand import finalizer_patch, owners_patch

GROUP = "network.kubesphere.io"
CALICO_KEY, OWN_KEY = "IPPool.crd.projectcalico.org", f"IPPool.{GROUP}"
FINALIZER = "finalizers.network.kubesphere.io/ippool"

ABOUT = About(Group.DELETIONS, "No deletion in KubeSphere disables a pool of Calico", Urgency.DATA)
READS = Reads(found_in=each(CALICO_KEY), decided_by=each(OWN_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        pools = [pool for pool in cluster.of(CALICO_KEY) if pool.spec.get("disabled") is True]
        if lost := [pool for pool in pools if _is_by_deletion(cluster, pool)]:
            yield Finding(
                id="disabled-ip-pool",
                severity=Severity.WARNING,
                title=f"{len(lost)} pool(s) of Calico on {cluster.name} are disabled by a deletion in KubeSphere",
                evidence=tuple(Evidence(cluster.name, pool.title, "spec.disabled", "true") for pool in lost),
                next="New Pods get no address from these pools. Once no Pod has an address of a pool, it is deleted. "
                "Enabled alone, it is disabled again, as long as KubeSphere's IPPool of its name is in deletion.",
                cure=f"{' '.join(_keeping(cluster, pool) for pool in lost)} At its next start ks-controller-manager "
                "makes a new IPPool for each. If a pool is to go, delete the Pods with its addresses: then it goes by "
                "itself. ks-reset plan uninstall --out plan.json lets the IPPools of KubeSphere go, and the pools "
                "stay; enable these afterwards.",
            )


def _is_by_deletion(cluster: ClusterFacts, pool: Obj) -> bool:
    """Whether KubeSphere's pool of the name is in deletion, or gone although it owns this one."""
    own = cluster.get(OWN_KEY, pool.name)
    return own.deleting if own is not None else bool(_owners(pool))


def _owners(pool: Obj) -> list[str]:
    """The UIDs of KubeSphere's IPPools that own a pool."""
    return [owner.uid for owner in pool.owners if (owner.group, owner.kind) == (GROUP, "IPPool")]


def _keeping(cluster: ClusterFacts, pool: Obj) -> str:
    """What keeps a pool, in this order: no owner, no IPPool of KubeSphere's in deletion, and enabled."""
    own = cluster.get(OWN_KEY, pool.name)
    cut = owners_patch(cluster, pool, _owners(pool))
    release = finalizer_patch(cluster, own, FINALIZER) if own else ""
    enable = f"kubectl --context {cluster.context} patch {pool.kind.resource}/{pool.name} --type=merge -p "
    steps = [
        *([f"take KubeSphere's IPPool off as its owner, or garbage collection deletes the pool: {cut}"] if cut else []),
        *([f"let KubeSphere's IPPool go, or the pool is disabled again: {release}"] if release else []),
        f"""enable it: {enable}'{{"spec":{{"disabled":false}}}}'""",
    ]
    return f"To keep {pool.name}, {'. Then '.join(steps)}."
