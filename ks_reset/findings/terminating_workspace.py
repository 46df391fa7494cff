"""A Workspace in deletion, with namespaces that name it as owner, is a loaded gun.

When whoever holds its finalizer lets go, the Workspace is gone and garbage collection deletes the namespaces.
"""

from collections.abc import Iterable

from ks_reset.facts.workspaces import WORKSPACE, namespaces_of
from ks_reset.model import Evidence, Facts, Finding, Options, Severity


def check(facts: Facts, _: Options) -> Iterable[Finding]:
    for world in facts.worlds:
        for workspace in world.of(WORKSPACE):
            owned = namespaces_of(world, workspace.name)
            if not workspace.deleting or not owned:
                continue
            names = ", ".join(ns.name for ns in owned)
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
                next=f"Once its finalizers are off, garbage collection deletes {names} with all they hold.",
                cure="Do not start ks-controller-manager. ks-reset plan uninstall severs the references first.",
            )
