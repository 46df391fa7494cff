"""Namespaces are to be bound on a cluster where KubeSphere is not installed."""

from collections.abc import Iterable

from ks_reset.facts.workspaces import WORKSPACE
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.tenancy.memberships import pending


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    left = pending(facts, options.material.memory)
    for world in facts.clusters:
        mine = [bond for bond in left if bond.cluster == world.identity and bond.there]
        if mine and WORKSPACE not in world.kinds:
            yield Finding(
                id="nothing-to-bind-to",
                severity=Severity.WARNING,
                title=f"{len(mine)} namespace(s) of {world.name} belonged to Workspaces, and Workspaces are not served",
                evidence=(Evidence(world.name, f"Namespace {mine[0].namespace}", "Workspace", mine[0].workspace),),
                next="A label that nobody acts upon binds nothing.",
                cure=f"Install KubeSphere on {world.name}, and join it, first.",
                blocks=("rebind",),
            )
