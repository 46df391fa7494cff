"""A flag gives up Applications of Argo CD whose deletion deletes what they deployed, in every cluster.

Their namespace goes whole, and Argo CD's controller may still work while they are deleted (argo-cd v2.3.3,
controller/appcontroller.go, finalizeApplicationDeletion). Without the finalizer what they deployed stays.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.facts.gitops import APPLICATION_KEY, cascading_applications
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.simulation.by_hand import finalizer_patch

READS = Reads(found_in=each(APPLICATION_KEY), decided_by=each(NAMESPACE_KEY, ANY_LIST))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if cascades := cascading_applications(cluster, options.request):
            count = sum(len(cascade.resources) for cascade in cascades)
            patches = [finalizer_patch(cluster, cascade.application, cascade.finalizer) for cascade in cascades]
            yield Finding(
                id="argo-cascade",
                severity=Severity.CRITICAL,
                title=f"Argo CD of {cluster.name} would delete {count} object(s) with Applications that are given up",
                evidence=tuple(
                    Evidence(cluster.name, cascade.application.title, "deletes along", ", ".join(cascade.resources))
                    for cascade in cascades
                ),
                next="While its controller runs, it deletes what an Application deployed before the Application goes.",
                cure=f"Have it all stay: {'; '.join(patches)}. If another Application writes the finalizer back, "
                "whoever runs that repository takes it out there first. Then run this command again. To keep Argo CD: "
                "ks-reset plan uninstall --keep argocd --out plan.json.",
            )
