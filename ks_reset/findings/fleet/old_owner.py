"""A namespace that names a Workspace UID which no longer exists is deleted as soon as that can be noticed.

While the Workspace type is not served, garbage collection only retries. A reinstall brings the type back, the old
UID is not found, and the namespace goes (Kubernetes v1.24, pkg/controller/garbagecollector/garbagecollector.go).
"""

from collections.abc import Iterable

from ks_reset.facts.workspaces import WORKSPACE, workspace_owner
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        if WORKSPACE in world.kinds and WORKSPACE not in world.objects:
            continue  # not read, so unknown, as the finding unreadable says
        alive = {w.uid for w in world.of(WORKSPACE)}
        owned = [(ns, owner) for ns in world.of("Namespace") if (owner := workspace_owner(ns))]
        lost = [(ns, owner) for ns, owner in owned if owner.uid not in alive]
        if not lost:
            continue
        served = WORKSPACE in world.kinds
        when = "now" if served else "as soon as the Workspace CRD is applied again, the first act of a reinstall"
        yield Finding(
            id="old-owner",
            severity=Severity.CRITICAL,
            title=f"{len(lost)} namespace(s) of {world.name} are owned by a Workspace that no longer exists",
            evidence=tuple(
                Evidence(world.name, f"Namespace {ns.name}", "metadata.ownerReferences", f"{o.kind} {o.name} {o.uid}")
                for ns, o in lost
            ),
            next=f"Garbage collection deletes these namespaces with all they hold, {when}.",
            cure="ks-reset plan defuse -o plan.json cuts these references; do not install KubeSphere before that.",
        )
