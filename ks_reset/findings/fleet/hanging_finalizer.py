"""Objects in deletion with a finalizer of a component of KubeSphere's that does not run: they and their namespace hang.

The vendor's script removes the types and controllers of DevOps and leaves its finalizer on credentials (ks-devops
v3.3.1, pkg/api/devops/v1alpha3/credential_types.go). Finalizers of ks-controller-manager are those of other rules.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.finalizers import finalizer_programs
from ks_reset.catalogue.names import DEPLOYMENT_KEY, KS_CONTROLLER_MANAGER, KUBEFED_CORE_GROUP, KUBEFED_DOMAIN
from ks_reset.facts.controllers import runs_deployment
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import EVERYTHING, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation.finalizer_patch import finalizer_patch

KUBEFED = (KUBEFED_DOMAIN, KUBEFED_CORE_GROUP)

ABOUT = About(Group.DELETIONS, "No deletion waits for a stopped component", Urgency.STOPS)
READS = Reads(found_in=each(EVERYTHING), decided_by=each(DEPLOYMENT_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        held = [(o, f) for o in cluster.all() if o.deleting for f in o.finalizers if _is_orphan(cluster, o, f)]
        if held:
            first, finalizer = held[0]
            yield Finding(
                id="hanging-finalizer",
                severity=Severity.WARNING,
                title=f"{len(held)} object(s) of {cluster.name} wait in deletion for a component that does not run",
                evidence=tuple(Evidence(cluster.name, o.title, "metadata.finalizers", f) for o, f in held),
                next="Each of them stays in Terminating, and its namespace with it once that is deleted.",
                cure="ks-reset plan uninstall -o plan.json removes these finalizers. To keep KubeSphere and let one of "
                f"them go: {finalizer_patch(cluster, first, finalizer)}",
            )


def _is_orphan(cluster: ClusterFacts, obj: Obj, finalizer: str) -> bool:
    """Whether a finalizer is of KubeSphere's, of another program than ks-controller-manager, and that does not run."""
    if not catalogue.is_own_key(finalizer) or finalizer.startswith(KUBEFED):
        return False
    programs = finalizer_programs(obj.kind.key, finalizer)
    return KS_CONTROLLER_MANAGER not in programs and not runs_deployment(cluster, programs)
