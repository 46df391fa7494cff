"""A container of KubeSphere's keeps crashing or cannot be created: its component does not work.

Without ks-controller-manager no finalizer of KubeSphere's is taken off and no webhook of it answers (kubesphere issues
5736, 5886 and 6001); without ks-apiserver there is no console.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY, POD_KEY
from ks_reset.facts.workload_problems import UNPULLED, waiting_containers
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.PROGRAMS, "KubeSphere's containers start", Urgency.STOPS)
READS = Reads(found_in=each(POD_KEY), decided_by=each(NAMESPACE_KEY, ANY_LIST))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        crashing = [each for each in waiting_containers(cluster) if each.reason not in UNPULLED]
        if crashing:
            kubectl, first = f"kubectl --context {cluster.context}", crashing[0]
            inside = f"-n {first.pod.namespace}"
            yield Finding(
                id="crashing-program",
                severity=Severity.WARNING,
                title=f"{len(crashing)} container(s) of KubeSphere on {cluster.name} do not run",
                evidence=tuple(
                    Evidence(cluster.name, e.pod.title, f"container {e.name}", f"{e.reason} {e.message}".strip())
                    for e in crashing
                ),
                next="The component does not work; what waits for it stays as it is: deletions with its finalizer, and "
                "requests that its webhook has to answer.",
                cure=f"Find the cause: {kubectl} {inside} logs {first.pod.name} -c {first.name} --previous, and "
                f"{kubectl} {inside} describe pod {first.pod.name}. Taking KubeSphere off does not need the component: "
                "ks-reset plan uninstall --out plan.json",
            )
