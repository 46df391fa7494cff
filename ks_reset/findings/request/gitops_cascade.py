"""A flag gives up objects of Argo CD or Flux whose deletion deletes what they applied, in every cluster.

Their namespace goes whole, and the controller may still work while they are deleted (argo-cd v2.3.3,
controller/appcontroller.go, finalizeApplicationDeletion; for Flux see `facts/cascades.py`). Without the finalizer, or
suspended in Flux, what they applied stays.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.facts.cascades import Cascade, cascades_given_up
from ks_reset.facts.gitops import APPLICATION_KEY, FLUX
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.simulation.by_hand import finalizer_patch

READS = Reads(found_in=each(APPLICATION_KEY, *FLUX.values()), decided_by=each(NAMESPACE_KEY, ANY_LIST))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        found = cascades_given_up(cluster, options.request)
        for program in sorted({cascade.program for cascade in found}):
            yield _finding(cluster, program, [cascade for cascade in found if cascade.program == program])


def _finding(cluster: ClusterFacts, program: str, cascades: list[Cascade]) -> Finding:
    count = sum(len(cascade.resources) for cascade in cascades)
    acts = [c.stop or finalizer_patch(cluster, c.obj, c.finalizer) for c in cascades]
    stays = (
        f"Have it all stay: {'; '.join(acts)}. If a repository writes this back, whoever runs it changes it there "
        "first. Then run this command again."
    )
    kept = f"{stays} To keep Argo CD: ks-reset plan uninstall --keep argocd --out plan.json."
    return Finding(
        id="gitops-cascade",
        severity=Severity.CRITICAL,
        title=f"{program} of {cluster.name} would delete {count} object(s) with what is given up",
        evidence=tuple(
            Evidence(cluster.name, cascade.obj.title, "deletes along", ", ".join(cascade.resources))
            for cascade in cascades
        ),
        next="While its controller runs, it deletes what such an object applied before the object goes.",
        cure=kept if program == "Argo CD" else stays,
    )
