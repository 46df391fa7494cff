"""Argo CD or Flux applies objects of KubeSphere: what a plan deletes or changes, it puts back.

Argo CD: status.resources of an Application with spec.syncPolicy.automated (argo-cd v2.3.3 and v3.3.0,
pkg/apis/application/v1alpha1/types.go, ApplicationStatus and SyncPolicyAutomated; v3.1.0 adds automated.enabled).
Flux: the labels that its controllers give to each object of a Kustomization or HelmRelease, without spec.suspend
(kustomize-controller, docs/spec/v1/kustomizations.md; website, content/en/flux/migration/helm-operator-migration.md).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.facts.gitops import APPLICATION_KEY, FLUX, gitops_managers
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import EVERYTHING, Reads, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.PROGRAMS, "Nobody puts back what is deleted of KubeSphere", Urgency.STOPS)
READS = Reads(found_in=each(EVERYTHING, APPLICATION_KEY, *FLUX.values()), decided_by=each(NAMESPACE_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        for manager, titles in gitops_managers(cluster).items():
            yield Finding(
                id="managed-by-gitops",
                severity=Severity.WARNING,
                title=f"{manager.title} of {cluster.name} applies {len(titles)} object(s) of KubeSphere",
                evidence=tuple(Evidence(cluster.name, title, "applied by", manager.title) for title in titles),
                next="It creates again what an uninstall deletes, and starts again what a plan stops.",
                cure=f"Suspend it: {manager.stop_command(cluster)}. If another Application or Kustomization applies "
                "this one, whoever runs that repository takes KubeSphere out of it first; that is done once doctor "
                "does not name it any more.",
            )
