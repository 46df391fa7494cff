"""Objects in deletion with a finalizer of a component of KubeSphere's that does not run: they and their namespace hang.

The vendor's script removes the types and controllers of DevOps and leaves its finalizer on credentials (ks-devops
v3.3.1, pkg/api/devops/v1alpha3/credential_types.go). Finalizers of ks-controller-manager are those of other rules.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import KS_CONTROLLER_MANAGER, KUBEFED_CONTROLLER_MANAGER
from ks_reset.facts.hanging import Hold, orphaned_holds
from ks_reset.facts.stray_controllers import RUNNERS
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import EVERYTHING, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity, Urgency
from ks_reset.simulation.by_hand import finalizer_patch

OF_OTHER_RULES = {KS_CONTROLLER_MANAGER, KUBEFED_CONTROLLER_MANAGER}

ABOUT = About(Group.DELETIONS, "No deletion waits for a stopped component", Urgency.STOPS)
READS = Reads(found_in=each(EVERYTHING), decided_by=each(*RUNNERS))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if held := [hold for hold in orphaned_holds(cluster) if not OF_OTHER_RULES & {*hold.programs}]:
            yield Finding(
                id="hanging-finalizer",
                severity=Severity.WARNING,
                title=f"{len(held)} object(s) of {cluster.name} wait in deletion for a component that does not run",
                evidence=tuple(Evidence(cluster.name, h.obj.title, "metadata.finalizers", h.finalizer) for h in held),
                next="Each of them stays in Terminating, and its namespace with it once that is deleted.",
                cure=" ".join(_cures(cluster, held)),
            )


def _cures(cluster: ClusterFacts, held: list[Hold]) -> Iterable[str]:
    """The playbooks, and a patch for one finalizer by hand."""
    if any(hold.programs for hold in held):
        yield "ks-reset plan repair --out repair.json takes off those whose program is known, and keeps KubeSphere."
    yield "ks-reset plan uninstall --out plan.json removes these finalizers with KubeSphere."
    yield f"To let one of them go by hand: {finalizer_patch(cluster, held[0].obj, held[0].finalizer)}"
