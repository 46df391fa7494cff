"""A helm release of KubeSphere's is pending, failed or half uninstalled: helm refuses the next operation on it.

helm v3.19.5, pkg/action/upgrade.go, prepareUpgrade: "another operation (install/upgrade/rollback) is in progress". A
rollback is allowed from there (pkg/action/rollback.go). The hooks of an uninstall of ks-core 4.1.1 wipe namespaces with
kubesphere.io/managed=true (kubesphere v4.1.1, config/ks-core/scripts/post-delete.sh), so no command here runs hooks.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import NAMESPACE_KEY, SECRET_KEY
from ks_reset.facts.helm_releases import FAILED, UNINSTALLING, StuckRelease, stuck_releases
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.PROGRAMS, "No helm release of KubeSphere's is half-way", Urgency.REINSTALL)
READS = Reads(found_in=each(SECRET_KEY), decided_by=each(NAMESPACE_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        own = {ns.name for ns in cluster.of(NAMESPACE_KEY) if catalogue.own_namespace_entry(ns)}
        for stuck in stuck_releases(cluster.of(SECRET_KEY), own):
            yield Finding(
                id="stuck-release",
                severity=Severity.WARNING,
                title=f"helm's release {stuck.namespace}/{stuck.name} on {cluster.name} is {stuck.status}",
                evidence=(Evidence(cluster.name, stuck.newest.title, "label status", stuck.status),),
                next="If no helm runs now, one was killed or has failed, and left this state. helm refuses the next "
                "operation on a release that is pending.",
                cure=_way_on(cluster, stuck),
            )


def _way_on(cluster: ClusterFacts, stuck: StuckRelease) -> str:
    """The commands of helm: to look, and to go back to the last revision that worked, or to end what was begun."""
    helm, name = f"helm --kube-context {cluster.context} -n {stuck.namespace}", stuck.name
    kubectl = f"kubectl --context {cluster.context} -n {stuck.namespace}"
    looks = f"See whether a helm still works on it, and wait for that: {kubectl} get secrets -l owner=helm,name={name}."
    if stuck.status == UNINSTALLING:
        return (
            f"{looks} Do not repeat helm uninstall: it deletes the Workspaces of the chart with all that they own. "
            f"{_removal()}"
        )
    if stuck.worked:
        return (
            f"{looks} The last revision that worked comes back with: {helm} rollback {name} {stuck.worked} --no-hooks."
        )
    if stuck.status == FAILED:
        return (
            f"{looks} It never worked; the next helm upgrade --install of the same chart goes on from it. {_removal()}"
        )
    return (
        f"{looks} It never worked, so there is nothing to go back to. Without this Secret helm starts anew and adopts "
        f"what it has created: {kubectl} delete secret {stuck.newest.name}. {_removal()}"
    )


def _removal() -> str:
    return "ks-reset plan uninstall --out plan.json removes the release with KubeSphere, once all ties are cut."
