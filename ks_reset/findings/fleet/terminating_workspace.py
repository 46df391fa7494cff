"""A Workspace is being deleted, and namespaces name it as owner.

Once its finalizer is removed, the Workspace is gone and garbage collection deletes the namespaces.
"""

from collections.abc import Iterable

from ks_reset.facts.workspaces import WORKSPACE, namespaces_of
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.simulation import in_danger, said


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        for workspace in cluster.of(WORKSPACE):
            owned = namespaces_of(cluster, workspace.name)
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
                next=said(in_danger(facts, workspace.title)) or "Its namespaces no longer depend on it.",
                cure="ks-reset plan defuse -o plan.json; until then do not start ks-controller-manager.",
            )
