"""A Workspace in deletion, with namespaces that name it as owner, is a loaded gun.

When whoever holds its finalizer lets go, the Workspace is gone and garbage collection deletes the namespaces.
"""

from collections.abc import Iterable

from ks_reset.facts.workspaces import WORKSPACE, namespaces_of
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.simulation import in_danger, said


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        for workspace in world.of(WORKSPACE):
            owned = namespaces_of(world, workspace.name)
            if not workspace.deleting or not owned:
                continue
            yield Finding(
                id="terminating-workspace",
                severity=Severity.CRITICAL,
                title=f"Workspace {workspace.name} of {world.name} is being deleted and owns {len(owned)} namespace(s)",
                evidence=(
                    Evidence(
                        world.name, workspace.title, "metadata.deletionTimestamp", workspace.meta["deletionTimestamp"]
                    ),
                    Evidence(world.name, workspace.title, "metadata.finalizers", ", ".join(workspace.finalizers)),
                ),
                next=said(in_danger(facts, workspace.title)) or "Its namespaces no longer hang on it.",
                cure="ks-reset plan defuse -o plan.json; until then do not start ks-controller-manager.",
            )
