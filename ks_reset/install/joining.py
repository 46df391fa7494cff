"""The Cluster of a member that is to be joined: as it was before, or as KubeSphere's console makes one.

kubesphere v3.3.1, staging/src/kubesphere.io/api/cluster/v1alpha1/cluster_types.go, and v4.1.3, the same file.
"""

from ks_reset.credentials.redact import redact
from ks_reset.errors import Usage
from ks_reset.facts.federation import CLUSTER, RECORD
from ks_reset.facts.workspaces import four
from ks_reset.model import BeforeImage, Body, ClusterFacts, Kind, MemberJoin, Memory
from ks_reset.tenancy.memory import USER

KIND = Kind("cluster.kubesphere.io", "v1alpha1", "Cluster", "clusters", False)
KEPT = ("externalKubernetesAPIEndpoint", "kubesphereAPIEndpoint")
"""What a connection says besides the way: where browsers reach the member."""

CREATOR, INITIALIZED = "kubesphere.io/creator", "kubesphere.io/initialized"


def joining(host: ClusterFacts, member: ClusterFacts, memory: Memory | None, kubeconfig: str) -> MemberJoin:
    """Join this member directly, by a kubeconfig in base64. Labels, annotations and provider are what they were."""
    was = before(memory, member.name)
    meta: Body = {"name": member.name}
    for field in ("labels", "annotations"):
        if found := (was.get("metadata") or {}).get(field):
            meta[field] = found
    meta["labels"] = {**meta.get("labels", {}), "kubesphere.io/managed": "true"}
    if four(host) and "annotations" in meta:
        meta["annotations"] = _known(host, meta["annotations"])
    then = was.get("spec") or {}
    connection = {k: v for k, v in (then.get("connection") or {}).items() if k in KEPT and v}
    spec: Body = {"enable": True, "provider": then.get("provider", "")}
    if RECORD in host.kinds:
        spec["joinFederation"] = then.get("joinFederation", True)
    spec["connection"] = {"type": "direct", "kubeconfig": kubeconfig, **connection}
    body = {"apiVersion": KIND.api_version, "kind": KIND.kind, "metadata": meta, "spec": spec}
    return MemberJoin(member.identity, BeforeImage(host.identity, KIND, redact(body), sealed=True))


def _known(host: ClusterFacts, annotations: dict[str, str]) -> dict[str, str]:
    """Annotations with which 4.x can join: a creator that is no User yet stops it, and who has been initialized gets no
    administrator (kubesphere v4.1.3, pkg/controller/cluster/cluster_controller.go, createClusterAdmin)."""
    there = host.get(USER, annotations.get(CREATOR, "")) is not None
    return {k: v for k, v in annotations.items() if k != INITIALIZED and (k != CREATOR or there)}


def before(memory: Memory | None, name: str) -> Body:
    """The Cluster of this name as it is remembered; empty for none."""
    pasts = memory.objects if memory else ()
    return next((past.body for past in pasts if past.kind.key == CLUSTER and past.obj.name == name), {})


def direct(was: Body, name: str) -> None:
    """Raises Usage for a member that was joined through a proxy: only its agent can open that way again."""
    if ((was.get("spec") or {}).get("connection") or {}).get("type") == "proxy":
        raise Usage(
            f"The member {name} was joined through a proxy, and no kubeconfig was given for it. Give one with --join "
            f"{name}=FILE to join it directly; or leave it with --later {name}, and join it by its agent."
        )
