"""Namespaces have a finalizer that ks-controller-manager takes off, and it does not run: a deletion of one never ends.

kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, finalizer; v4.1.3, pkg/constants/constants.go.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.finalizers import finalizer_programs
from ks_reset.catalogue.names import KS_CONTROLLER_MANAGER, NAMESPACE_KEY
from ks_reset.facts.controllers import reacting_controllers
from ks_reset.facts.stray_controllers import RUNNERS, runs_program
from ks_reset.findings.about import About, Group
from ks_reset.findings.mend import unless_lost
from ks_reset.findings.reads import ANY_LIST, EVERYTHING, Reads, anywhere, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation.by_hand import finalizer_patch, start_command

ABOUT = About(Group.DELETIONS, "The controller of namespaces' finalizers runs", Urgency.STOPS)
READS = Reads(
    found_in=each(NAMESPACE_KEY),
    decided_by=each(*RUNNERS),
    worded_by=anywhere(EVERYTHING, ANY_LIST),
)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        held = [(ns, f) for ns in cluster.of(NAMESPACE_KEY) for f in ns.finalizers if _is_managers(f)]
        if held and not runs_program(cluster, (KS_CONTROLLER_MANAGER,)):
            count = len({ns.name for ns, _ in held})
            yield Finding(
                id="orphan-finalizer",
                severity=Severity.WARNING,
                title=f"{count} namespace(s) of {cluster.name} cannot be deleted to the end: "
                "ks-controller-manager does not run",
                evidence=tuple(Evidence(cluster.name, ns.title, "metadata.finalizers", f) for ns, f in held),
                next="If one of them is deleted, its contents go, and the namespace itself stays in Terminating until "
                "this finalizer is taken off.",
                cure=" ".join(_ways_on(facts, cluster, held)),
            )


def _is_managers(finalizer: str) -> bool:
    own = catalogue.is_own_finalizer(NAMESPACE_KEY, finalizer)
    return own and KS_CONTROLLER_MANAGER in finalizer_programs(NAMESPACE_KEY, finalizer)


def _ways_on(facts: FleetFacts, cluster: ClusterFacts, held: list[tuple[Obj, str]]) -> Iterable[str]:
    for deployment in reacting_controllers(cluster):
        if catalogue.controller_name(deployment) == KS_CONTROLLER_MANAGER:
            start = f"To keep KubeSphere, start ks-controller-manager: {start_command(cluster, deployment)}."
            yield unless_lost(facts, KS_CONTROLLER_MANAGER, start)
    if any(namespace.deleting for namespace, _ in held):
        yield "For those in Terminating: ks-reset plan repair --out repair.json takes the finalizer off, and they go."
    yield "Without KubeSphere: ks-reset plan uninstall --out plan.json takes it off each namespace, and no other entry."
    yield f"To take off one by hand: {finalizer_patch(cluster, *held[0])}"
