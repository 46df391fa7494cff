"""Namespaces with KubeSphere's finalizer and no ks-controller-manager to remove it: a deletion never ends.

kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, finalizer.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import DEPLOYMENT_KEY, KS_CONTROLLER_MANAGER, NAMESPACE_KEY, NAMESPACES_FINALIZER
from ks_reset.facts.controllers import replica_count
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.DELETIONS, "The controller of namespaces' finalizers runs", Urgency.STOPS)
READS = Reads(found_in=each(NAMESPACE_KEY), decided_by=each(DEPLOYMENT_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        namespaces = [ns for ns in cluster.of(NAMESPACE_KEY) if NAMESPACES_FINALIZER in ns.finalizers]
        runs = any(
            catalogue.controller_name(d) == KS_CONTROLLER_MANAGER and replica_count(d) > 0
            for d in cluster.of(DEPLOYMENT_KEY)
        )
        if namespaces and not runs:
            yield Finding(
                id="orphan-finalizer",
                severity=Severity.WARNING,
                title=f"{len(namespaces)} namespace(s) of {cluster.name} have a finalizer without its controller",
                evidence=tuple(
                    Evidence(cluster.name, ns.title, "metadata.finalizers", NAMESPACES_FINALIZER) for ns in namespaces
                ),
                next="Each of these namespaces, once deleted, stays in Terminating.",
                cure="ks-reset plan uninstall --out plan.json removes exactly this finalizer, each entry tested.",
            )
