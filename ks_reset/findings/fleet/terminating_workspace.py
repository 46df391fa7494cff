"""A Workspace is being deleted, and namespaces name it as owner.

Once its finalizer is removed, the Workspace is gone and garbage collection deletes the namespaces.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY, WORKSPACE_KEY
from ks_reset.facts.workspaces import namespaces_by_workspace
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import EVERYTHING, Reads, anywhere, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency
from ks_reset.simulation import as_sentences, losses_by_way_of

ABOUT = About(Group.TENANTS, "No Workspace in deletion owns namespaces", Urgency.DATA)
READS = Reads(found_in=each(WORKSPACE_KEY, NAMESPACE_KEY), worded_by=anywhere(EVERYTHING))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        workspaces = cluster.of(WORKSPACE_KEY)
        namespaces = namespaces_by_workspace(cluster) if workspaces else {}
        for workspace in workspaces:
            owned = namespaces.get(workspace.name)
            if not workspace.deleting or not owned:
                continue
            yield Finding(
                id="terminating-workspace",
                severity=Severity.CRITICAL,
                title=f"Workspace {workspace.name} of {cluster.name} is being deleted and owns {len(owned)} "
                "namespace(s)",
                evidence=(
                    Evidence(
                        cluster.name, workspace.title, "metadata.deletionTimestamp", workspace.meta["deletionTimestamp"]
                    ),
                    Evidence(cluster.name, workspace.title, "metadata.finalizers", ", ".join(workspace.finalizers)),
                ),
                next=as_sentences(losses_by_way_of(facts, workspace.title))
                or "Nothing that is known here deletes its namespaces along with it, as things stand.",
                cure="ks-reset plan defuse --out plan.json takes the references to this Workspace off its namespaces. "
                "Do not start ks-controller-manager before that plan is applied.",
            )
