"""Users' objects name an owner of KubeSphere's, now gone: they are deleted once its type is served again.

While the type is not served, garbage collection only retries (kubernetes v1.24.17,
pkg/controller/garbagecollector/garbagecollector.go). The finding old-owner reports namespaces naming a Workspace; here
are the others, such as DevOps projects' namespaces (kubesphere v3.0.0, pkg/controller/devopsproject). Roles and
bindings with such an owner are KubeSphere's own, and no loss.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import NAMESPACE_KEY, RBAC_GROUP
from ks_reset.catalogue.ownership import is_users
from ks_reset.facts.workspaces import workspace_owner
from ks_reset.findings.mend import for_cluster
from ks_reset.findings.reads import ANY_LIST, EVERYTHING, Reads, each
from ks_reset.findings.request.planned_install import SELECTED, clusters_to_install
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Owner, Severity

READS = Reads(found_in=each(EVERYTHING), decided_by=(*each(ANY_LIST), *SELECTED))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in clusters_to_install(facts, options):
        owned = [obj for obj in cluster.all() if obj.owners and _owners_are_gone(cluster, obj)]
        if lost := [obj for obj in owned if _is_users_object(cluster, obj)]:
            yield Finding(
                id="install-would-destroy",
                severity=Severity.CRITICAL,
                title=f"{len(lost)} object(s) of users on {cluster.name} name an owner of KubeSphere's, now gone",
                evidence=tuple(
                    Evidence(cluster.name, o.title, "metadata.ownerReferences", _owner_names(o)) for o in lost
                ),
                next="Garbage collection deletes them, with their contents, as soon as that type is served again.",
                cure=f"ks-reset plan uninstall{for_cluster(facts, cluster)} --out plan.json removes these references; "
                "do not install KubeSphere before.",
            )


def _is_users_object(cluster: ClusterFacts, obj: Obj) -> bool:
    by_workspace = obj.kind.key == NAMESPACE_KEY and workspace_owner(obj) is not None
    return is_users(obj, cluster) and not by_workspace and obj.kind.group != RBAC_GROUP


def _owners_are_gone(cluster: ClusterFacts, obj: Obj) -> bool:
    """Whether every owner is KubeSphere's and gone: a single existing owner keeps an object."""
    return all(catalogue.is_own_group(owner.group) and not _owner_exists(cluster, owner) for owner in obj.owners)


def _owner_exists(cluster: ClusterFacts, owner: Owner) -> bool:
    key = f"{owner.kind}.{owner.group}"
    unread = key in cluster.kinds and key not in cluster.objects  # unknown: the finding unreadable reports it
    return unread or any(obj.uid == owner.uid for obj in cluster.of(key))


def _owner_names(obj: Obj) -> str:
    return ", ".join(f"{owner.kind} {owner.name} {owner.uid}" for owner in obj.owners)
