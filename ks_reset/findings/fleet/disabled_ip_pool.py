"""A pool of Calico is disabled because its namesake of KubeSphere's was deleted: new Pods get no address from it.

ks-controller-manager disables Calico's pool and deletes it once no address is in use (kubesphere v3.3.1,
pkg/simple/client/network/ippool/calico/provider.go, DeleteIPPool). It names its own pools as owners (CreateIPPool).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import KS_CONTROLLER_MANAGER, KUBESPHERE_NAMESPACE
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

GROUP = "network.kubesphere.io"
CALICO_KEY, OWN_KEY = "IPPool.crd.projectcalico.org", f"IPPool.{GROUP}"

ABOUT = About(Group.DELETIONS, "No deletion in KubeSphere disables a pool of Calico", Urgency.DATA)
READS = Reads(found_in=each(CALICO_KEY), decided_by=each(OWN_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        pools = [pool for pool in cluster.of(CALICO_KEY) if pool.spec.get("disabled") is True]
        if lost := [pool for pool in pools if _is_by_deletion(cluster, pool)]:
            kubectl = f"kubectl --context {cluster.context}"
            stop = f"{kubectl} -n {KUBESPHERE_NAMESPACE} scale deployment {KS_CONTROLLER_MANAGER} --replicas=0"
            patches = [
                f"{kubectl} patch {pool.kind.resource} {pool.name} --type=merge -p "
                + """'{"spec":{"disabled":false}}'"""
                for pool in lost
            ]
            yield Finding(
                id="disabled-ip-pool",
                severity=Severity.WARNING,
                title=f"{len(lost)} pool(s) of Calico on {cluster.name} are disabled by a deletion in KubeSphere",
                evidence=tuple(Evidence(cluster.name, pool.title, "spec.disabled", "true") for pool in lost),
                next="New Pods get no address from these pools; once no address is in use, the pools are deleted.",
                cure=f"If the pools are to stay, stop the controller: {stop}. Then enable them: {'; '.join(patches)}. "
                "ks-reset plan uninstall --out plan.json takes KubeSphere's pools off with the controller stopped.",
            )


def _is_by_deletion(cluster: ClusterFacts, pool: Obj) -> bool:
    """Whether KubeSphere's pool of the name is in deletion, or gone although it owns this one."""
    own = cluster.get(OWN_KEY, pool.name)
    if own is not None:
        return own.deleting
    return any((owner.group, owner.kind) == (GROUP, "IPPool") for owner in pool.owners)
