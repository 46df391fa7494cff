"""Users' objects that name an owner of KubeSphere's which is gone: they are deleted once its type is back.

While the type is not served, garbage collection only retries (kubernetes v1.24.17,
pkg/controller/garbagecollector/garbagecollector.go). Namespaces that name a Workspace are old-owner's; these are the
others, such as DevOps projects' namespaces (kubesphere v3.0.0, pkg/controller/devopsproject). Roles and bindings with
such an owner are KubeSphere's own, and nobody's loss.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.ownership import protected
from ks_reset.facts.workspaces import workspace_owner
from ks_reset.findings.request.planned_install import clusters_to_install
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Owner, Severity

RBAC = "rbac.authorization.k8s.io"


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for world in clusters_to_install(facts, options):
        if lost := [obj for obj in world.all() if obj.owners and _users(obj) and _lost(world, obj)]:
            yield Finding(
                id="install-would-destroy",
                severity=Severity.CRITICAL,
                title=f"{len(lost)} object(s) of users on {world.name} name an owner of KubeSphere's that is gone",
                evidence=tuple(Evidence(world.name, o.title, "metadata.ownerReferences", _said(o)) for o in lost),
                next="Garbage collection deletes them, with all they hold, as soon as that type is served again.",
                cure="ks-reset plan uninstall -o plan.json cuts these references; do not install KubeSphere before.",
            )


def _users(obj: Obj) -> bool:
    by_workspace = obj.kind.key == "Namespace" and workspace_owner(obj) is not None
    return protected(obj) and not by_workspace and obj.kind.group != RBAC


def _lost(world: ClusterFacts, obj: Obj) -> bool:
    """Whether every owner is KubeSphere's and gone: one that lives keeps an object, whatever else it names."""
    return all(catalogue.own_group(owner.group) and not _lives(world, owner) for owner in obj.owners)


def _lives(world: ClusterFacts, owner: Owner) -> bool:
    key = f"{owner.kind}.{owner.group}"
    unread = key in world.kinds and key not in world.objects  # unknown, as the finding unreadable says
    return unread or any(each.uid == owner.uid for each in world.of(key))


def _said(obj: Obj) -> str:
    return ", ".join(f"{owner.kind} {owner.name} {owner.uid}" for owner in obj.owners)
