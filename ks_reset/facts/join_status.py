"""Whether a member is joined: its Cluster is Ready, in 4.x KSCoreReady too, and with kubefed its KubeFedCluster Ready.

kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go: a Cluster is Ready after its member has been read; with
joinFederation the controller creates a KubeFedCluster of the same name. kubefed v0.8.1,
pkg/controller/kubefedcluster/controller.go: its condition Ready is from the last probe. The controller skips a Cluster
without joinFederation (syncCluster, the same in v3.4.1): it never gets a condition. v4.1.3, same path: a Cluster is
Ready once KubeSphere has answered on it, after the host has installed ks-core on the member and set KSCoreReady.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, KUBEFED_CLUSTER_KEY
from ks_reset.credentials.digests import readable_text
from ks_reset.facts.workspaces import serves_v4
from ks_reset.model import ClusterFacts, Obj

TELLING = ("Federated", "Ready")
"""Conditions that must be True; a third one warns of an expiring certificate and must be False."""


def missing_for_join(cluster: ClusterFacts, name: str) -> Iterable[str]:
    """A line for each thing missing for the join of a member; empty once it is joined."""
    member_cluster = cluster.get(CLUSTER_KEY, name)
    if member_cluster is None:
        yield f"Cluster {name} does not exist"
        return
    if KUBEFED_CLUSTER_KEY in cluster.kinds and not member_cluster.spec.get("joinFederation"):
        return
    if serves_v4(cluster) and not _is_ready(member_cluster, "KSCoreReady"):
        yield f"KubeSphere's core is not installed on the member {name} yet"
    if not _is_ready(member_cluster):
        yield f"Cluster {name} is not ready{_failure_text(member_cluster)}"
    if KUBEFED_CLUSTER_KEY not in cluster.kinds:
        return
    records = [record for record in cluster.of(KUBEFED_CLUSTER_KEY) if record.name == name]
    if not records:
        yield f"KubeFedCluster {name} does not exist"
    yield from (f"KubeFedCluster {name} is not ready{_failure_text(r)}" for r in records if not _is_ready(r))


def is_only_reaching(cluster: ClusterFacts, name: str, identity: str) -> bool:
    """Whether the dialled records of this name reached this cluster, at least one, and no other cluster."""
    reached = {
        dial.identity for dial in (*cluster.dials, *cluster.connections) if dial.record == name and dial.identity
    }
    return reached == {identity}


def _is_ready(obj: Obj, condition: str = "Ready") -> bool:
    return any(c.get("type") == condition and c.get("status") == "True" for c in _conditions_of(obj))


def _failure_text(obj: Obj) -> str:
    """The messages and reasons of failed conditions, with a colon in front; "" for none.

    A failed join is explained in the reason (cluster_controller.go, v3.3.1).
    """
    failed = [c for c in _conditions_of(obj) if c.get("type") in TELLING and c.get("status") != "True"]
    words = [": ".join(text for key in ("message", "reason") if (text := readable_text(c.get(key)))) for c in failed]
    return f": {'; '.join(word for word in words if word)}" if any(words) else ""


def _conditions_of(obj: Obj) -> list[dict[str, str]]:
    return (obj.body.get("status") or {}).get("conditions") or []
