"""A namespace names as owner the UID of a deleted Workspace: garbage collection deletes the namespace.

While the type Workspace is not served, garbage collection only retries. A reinstall serves the type again, the old
UID is not found, and the namespace is deleted (Kubernetes v1.24, pkg/controller/garbagecollector/garbagecollector.go).
Another owner keeps it, and the API server keeps namespaces of Kubernetes' own. The step cut-ties decides the same way.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import NAMESPACE_KEY, WORKSPACE_KEY
from ks_reset.catalogue.ownership import is_users
from ks_reset.facts.workspaces import workspace_owner
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Owner, Severity, Urgency
from ks_reset.simulation.api_server import IMMORTAL
from ks_reset.simulation.threats import INSTALL

ABOUT = About(Group.TENANTS, "The Workspace that owns a namespace exists", Urgency.DATA)
READS = Reads(found_in=each(NAMESPACE_KEY), decided_by=each(WORKSPACE_KEY, ANY_LIST))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if WORKSPACE_KEY in cluster.kinds and WORKSPACE_KEY not in cluster.objects:
            continue  # not read: unknown, and the finding unreadable reports it
        alive = {w.uid for w in cluster.of(WORKSPACE_KEY)}
        owned = [(ns, owner) for ns in cluster.of(NAMESPACE_KEY) if (owner := workspace_owner(ns))]
        lost = [(ns, owner) for ns, owner in owned if owner.uid not in alive and _is_endangered(cluster, ns)]
        if not lost:
            continue
        served = WORKSPACE_KEY in cluster.kinds
        when = "now" if served else INSTALL
        yield Finding(
            id="old-owner",
            severity=Severity.CRITICAL,
            title=f"{len(lost)} namespace(s) of {cluster.name} are owned by a Workspace that no longer exists",
            evidence=tuple(
                Evidence(cluster.name, f"Namespace {ns.name}", "metadata.ownerReferences", f"{o.kind} {o.name} {o.uid}")
                for ns, o in lost
            ),
            next=f"Garbage collection deletes these namespaces with all their contents, {when}.",
            cure="ks-reset plan defuse --out plan.json removes these references; do not "
            "install KubeSphere before that.",
        )


def _is_endangered(cluster: ClusterFacts, namespace: Obj) -> bool:
    """Whether a user's namespace is not being deleted yet, and nothing keeps it."""
    can_be_lost = is_users(namespace, cluster) and namespace.name not in IMMORTAL and not namespace.deleting
    return can_be_lost and not any(_keeps(cluster, owner) for owner in namespace.owners)


def _keeps(cluster: ClusterFacts, owner: Owner) -> bool:
    """Whether an owner exists, or cannot be looked up: garbage collection waits for the answer."""
    key = f"{owner.kind}.{owner.group}".rstrip(".")
    if key not in cluster.kinds:
        return not catalogue.is_own_group(owner.group)
    unread = key not in cluster.objects or cluster.kinds[key].namespaced
    return unread or any(obj.uid == owner.uid for obj in cluster.of(key))
