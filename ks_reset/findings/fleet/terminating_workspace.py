"""A Workspace is being deleted, and namespaces go with it.

Once its finalizer is removed, the Workspace is gone, and garbage collection deletes the namespaces that name it as
owner.
4.1.3 deletes those with its label, if an annotation says so (kubesphere v4.1.3,
pkg/controller/workspace/workspace_controller.go).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY, PROPAGATION_ANNOTATION, WORKSPACE_KEY
from ks_reset.facts.workspaces import namespaces_by_workspace
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import EVERYTHING, Reads, anywhere, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation import as_sentences, losses_by_way_of
from ks_reset.simulation.threats import Danger

ABOUT = About(Group.TENANTS, "No Workspace in deletion has namespaces", Urgency.DATA)
READS = Reads(found_in=each(WORKSPACE_KEY, NAMESPACE_KEY), decided_by=anywhere(EVERYTHING))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        owned = namespaces_by_workspace(cluster) if cluster.of(WORKSPACE_KEY) else {}
        for workspace in cluster.of(WORKSPACE_KEY):
            dangers = losses_by_way_of(facts, workspace.title) if workspace.deleting else []
            names = {namespace.name for namespace in owned.get(workspace.name, ())} | _lost_with(cluster, dangers)
            if workspace.deleting and names:
                yield _finding(cluster, workspace, len(names), dangers)


def _lost_with(cluster: ClusterFacts, dangers: Iterable[Danger]) -> set[str]:
    """The namespaces of this cluster among what would be lost."""
    subjects = (subject.id for _, subject, _ in dangers)
    return {place.name for place in subjects if place.cluster == cluster.identity and place.key == NAMESPACE_KEY}


def _finding(cluster: ClusterFacts, workspace: Obj, count: int, dangers: list[Danger]) -> Finding:
    policy = workspace.annotations.get(PROPAGATION_ANNOTATION)
    return Finding(
        id="terminating-workspace",
        severity=Severity.CRITICAL,
        title=f"Workspace {workspace.name} of {cluster.name} is being deleted and has {count} namespace(s)",
        evidence=(
            Evidence(cluster.name, workspace.title, "metadata.deletionTimestamp", workspace.meta["deletionTimestamp"]),
            Evidence(cluster.name, workspace.title, "metadata.finalizers", ", ".join(workspace.finalizers)),
            *(
                Evidence(cluster.name, workspace.title, f"metadata.annotations[{PROPAGATION_ANNOTATION}]", each)
                for each in (policy,)
                if each
            ),
        ),
        next=as_sentences(dangers)
        or "Nothing that is known here deletes its namespaces along with it, as things stand.",
        cure="ks-reset plan defuse --out plan.json takes off the references and labels by which its namespaces "
        "would be deleted. Do not start ks-controller-manager before that plan is applied.",
    )
