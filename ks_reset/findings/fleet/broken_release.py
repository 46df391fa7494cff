"""A helm release of KubeSphere's is neither installed nor gone: helm refuses the next installation.

`another operation is in progress` after a helm that was killed, `has no deployed releases` after one that failed or an
uninstall that was cut off (facts/helm_releases.py). Reported as ks-installer issues 1395 and 1803, kubesphere issues
4461 and 4689.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import NAMESPACE_KEY, SECRET_KEY
from ks_reset.facts.helm_releases import interrupted_revisions, releases_of, revision_status
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.PROGRAMS, "No helm release of KubeSphere's is half-way", Urgency.REINSTALL)
READS = Reads(found_in=each(SECRET_KEY), decided_by=each(NAMESPACE_KEY, ANY_LIST))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        for (namespace, name), revisions in releases_of(cluster.of(SECRET_KEY)).items():
            blocking = interrupted_revisions(revisions)
            if blocking and catalogue.own_namespace(cluster, namespace):
                yield _broken_finding(cluster, namespace, name, blocking)


def _broken_finding(cluster: ClusterFacts, namespace: str, name: str, blocking: list[Obj]) -> Finding:
    kubectl = f"kubectl --context {cluster.context} -n {namespace}"
    names = " ".join(secret.name for secret in blocking)
    return Finding(
        id="broken-release",
        severity=Severity.WARNING,
        title=f"The helm release {name} in {namespace} of {cluster.name} is {revision_status(blocking[0])}",
        evidence=tuple(
            Evidence(cluster.name, s.title, "metadata.labels[status]", revision_status(s)) for s in blocking
        ),
        next="helm refuses to install or upgrade it: another operation is in progress, or no release is deployed.",
        cure=f"If helm is at work now, wait until this shows deployed: {kubectl} get secrets -l owner=helm,name={name} "
        f"-L status. If not, remove the revisions that were cut off: {kubectl} delete secrets {names}. Or take it "
        "off with KubeSphere: ks-reset plan uninstall -o plan.json",
    )
