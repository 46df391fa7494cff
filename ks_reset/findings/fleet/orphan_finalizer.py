"""Namespaces with KubeSphere's finalizer while nobody is left to take it off: deleting one hangs for ever.

kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, finalizer.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.controllers import replicas
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

FINALIZER = "finalizers.kubesphere.io/namespaces"
MANAGER = "ks-controller-manager"


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        held = [ns for ns in world.of("Namespace") if FINALIZER in ns.finalizers]
        runs = any(catalogue.controller(d) == MANAGER and replicas(d) > 0 for d in world.of("Deployment.apps"))
        if held and not runs:
            yield Finding(
                id="orphan-finalizer",
                severity=Severity.WARNING,
                title=f"{len(held)} namespace(s) of {world.name} carry a finalizer that nobody takes off",
                evidence=tuple(
                    Evidence(world.name, f"Namespace {ns.name}", "metadata.finalizers", FINALIZER) for ns in held
                ),
                next="Each of these namespaces, once deleted, stays in Terminating for ever.",
                cure="ks-reset plan uninstall takes off exactly this finalizer, each entry tested.",
            )
