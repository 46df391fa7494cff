"""Namespaces with KubeSphere's finalizer and no ks-controller-manager to remove it: a deletion never ends.

kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, finalizer.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.controllers import replicas
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

FINALIZER = "finalizers.kubesphere.io/namespaces"
MANAGER = "ks-controller-manager"


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        namespaces = [ns for ns in cluster.of("Namespace") if FINALIZER in ns.finalizers]
        runs = any(catalogue.controller(d) == MANAGER and replicas(d) > 0 for d in cluster.of("Deployment.apps"))
        if namespaces and not runs:
            yield Finding(
                id="orphan-finalizer",
                severity=Severity.WARNING,
                title=f"{len(namespaces)} namespace(s) of {cluster.name} have a finalizer without its controller",
                evidence=tuple(Evidence(cluster.name, ns.title, "metadata.finalizers", FINALIZER) for ns in namespaces),
                next="Each of these namespaces, once deleted, stays in Terminating.",
                cure="ks-reset plan uninstall -o plan.json removes exactly this finalizer, each entry tested.",
            )
