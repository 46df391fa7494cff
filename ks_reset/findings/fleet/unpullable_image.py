"""A Pod of KubeSphere's waits for an image that cannot be pulled: its component stays down.

The images, charts and documents of KubeSphere were taken off their public places in July 2025; Pods that had to move
to another node did not start any more (kubesphere issues 6550, 6543 and 6576).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY, POD_KEY
from ks_reset.facts.workload_problems import UNPULLED, WaitingContainer, waiting_containers
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.PROGRAMS, "KubeSphere's images can be pulled", Urgency.STOPS)
READS = Reads(found_in=each(POD_KEY), decided_by=each(NAMESPACE_KEY, ANY_LIST))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        waiting = [each for each in waiting_containers(cluster) if each.reason in UNPULLED]
        if waiting:
            images = sorted({each.image for each in waiting})
            yield Finding(
                id="unpullable-image",
                severity=Severity.WARNING,
                title=f"{len(images)} image(s) of KubeSphere cannot be pulled on {cluster.name}",
                evidence=tuple(Evidence(cluster.name, e.pod.title, e.reason, _answer(e)) for e in waiting),
                next="These components stay down. What they would have to finish, such as a deletion, waits for them; "
                "an installation with these images fails in the same way.",
                cure=_way_on(cluster, waiting),
            )


def _answer(waiting: WaitingContainer) -> str:
    return f"{waiting.image}{waiting.message and ': '}{waiting.message}"


def _way_on(cluster: ClusterFacts, waiting: list[WaitingContainer]) -> str:
    pod = waiting[0].pod
    kubectl = f"kubectl --context {cluster.context} -n {pod.namespace}"
    return (
        f"See the answer of the registry: {kubectl} describe pod {pod.name}. Whoever runs your registry puts the "
        "images there; that is done when ks-reset feasible values.yaml finds nothing, with that registry in the file. "
        "Taking KubeSphere off needs none of them: ks-reset plan uninstall --out plan.json"
    )
