"""The members to join: for each a kubeconfig to reach it, and its Cluster on the host.

A Cluster is as it was before, or as KubeSphere's console makes one (kubesphere v3.3.1,
staging/src/kubesphere.io/api/cluster/v1alpha1/cluster_types.go, and v4.1.3, the same file).
"""

import shlex
from collections.abc import Mapping

from msgspec import structs

from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    CLUSTER_KIND,
    CREATOR_ANNOTATION,
    INITIALIZED_ANNOTATION,
    KUBEFED_CLUSTER_KEY,
    KUBESPHERE_MANAGED_LABEL,
    USER_KEY,
)
from ks_reset.cluster import dial_kubeconfig, has_client_certificate
from ks_reset.credentials.redact import redact_object
from ks_reset.credentials.vault import Vault
from ks_reset.errors import FILE, Correction, Refused, Usage
from ks_reset.facts.workspaces import serves_v4
from ks_reset.model import BeforeImage, Body, ClusterFacts, FleetFacts, MemberJoin, Memory, Options, Reach

KEPT = ("externalKubernetesAPIEndpoint", "kubesphereAPIEndpoint")
"""Fields of `spec.connection` besides its kubeconfig: where browsers reach the member."""


def member_joins(
    facts: FleetFacts, options: Options, kubeconfigs: Mapping[str, str], vault: Vault | None
) -> tuple[MemberJoin, ...]:
    """A join of every member to work on, by the given kubeconfig (base64), else by the one in the vault.

    Each kubeconfig is dialled. Raises Usage without one, Refused if it reaches no cluster or another one.
    """
    absent = {member.name for member in facts.missing} | {*options.request.later}
    if strange := kubeconfigs.keys() - {member.name for member in facts.members} - absent:
        known = ", ".join(member.name for member in facts.members) or "none"
        what = f"There is no member {min(strange)} to join. There are: {known}; name it with --member, too."
        raise Usage(what, Correction("--join", ""), Correction("", f"--member {min(strange)}=CONTEXT"))
    joins = []
    for member in (m for m in facts.members if options.request.works_on(m.name)):
        given = kubeconfigs.get(member.name)
        kubeconfig = _kubeconfig_in_vault(facts, options, member, vault) if given is None else given
        _require_same_member(member, kubeconfig)
        join = member_join(facts.host, member, options.material.memory, kubeconfig)
        joins.append(structs.replace(join, certified=has_client_certificate(kubeconfig)))
    return tuple(joins)


def member_join(host: ClusterFacts, member: ClusterFacts, memory: Memory | None, kubeconfig: str) -> MemberJoin:
    """A direct join by a kubeconfig in base64. Labels, annotations and provider are those of the former Cluster."""
    former = former_cluster(memory, member.name)
    meta: Body = {"name": member.name}
    for field in ("labels", "annotations"):
        if entries := (former.get("metadata") or {}).get(field):
            meta[field] = entries
    meta["labels"] = {**meta.get("labels", {}), KUBESPHERE_MANAGED_LABEL: "true"}
    if serves_v4(host) and "annotations" in meta:
        meta["annotations"] = _joinable_annotations(host, meta["annotations"])
    former_spec = former.get("spec") or {}
    connection = {k: v for k, v in (former_spec.get("connection") or {}).items() if k in KEPT and v}
    spec: Body = {"enable": True, "provider": former_spec.get("provider", "")}
    if KUBEFED_CLUSTER_KEY in host.kinds:
        spec["joinFederation"] = former_spec.get("joinFederation", True)
    spec["connection"] = {"type": "direct", "kubeconfig": kubeconfig, **connection}
    body = {"apiVersion": CLUSTER_KIND.api_version, "kind": CLUSTER_KIND.kind, "metadata": meta, "spec": spec}
    return MemberJoin(
        member.identity, BeforeImage(host.identity, CLUSTER_KIND, redact_object(body, CLUSTER_KEY), sealed=True)
    )


def former_cluster(memory: Memory | None, name: str) -> Body:
    """The Cluster of this name in the memory; {} without one."""
    images = memory.objects if memory else ()
    return next((image.body for image in images if image.kind.key == CLUSTER_KEY and image.obj.name == name), {})


def refuse_proxy(cluster: Body, name: str) -> None:
    """Raises Usage for a member joined through a proxy: only its agent can open the connection again."""
    if ((cluster.get("spec") or {}).get("connection") or {}).get("type") == "proxy":
        raise Usage(
            f"The member {name} was joined through a proxy, and no kubeconfig was given for it. Give one with --join "
            f"{name}=FILE to join it directly; or leave it with --later {name}, and join it by its agent.",
            *_given_or_later(name),
        )


def _given_or_later(name: str) -> tuple[Correction, ...]:
    return Correction("", f"--join {name}={FILE}"), Correction("", f"--later {name}")


def _joinable_annotations(host: ClusterFacts, annotations: dict[str, str]) -> dict[str, str]:
    """The annotations without two obstacles to a join by 4.x: a creator stops it unless there is such a User, and a
    Cluster marked as initialized gets no administrator (kubesphere v4.1.3,
    pkg/controller/cluster/cluster_controller.go, createClusterAdmin)."""
    is_user = host.get(USER_KEY, annotations.get(CREATOR_ANNOTATION, "")) is not None
    return {
        k: v for k, v in annotations.items() if k != INITIALIZED_ANNOTATION and (k != CREATOR_ANNOTATION or is_user)
    }


def _kubeconfig_in_vault(facts: FleetFacts, options: Options, member: ClusterFacts, vault: Vault | None) -> str:
    refuse_proxy(former_cluster(options.material.memory, member.name), member.name)
    cluster = vault.get((facts.host.identity, CLUSTER_KEY, "", member.name)) if vault else None
    kubeconfig = (((cluster or {}).get("spec") or {}).get("connection") or {}).get("kubeconfig")
    if not kubeconfig:
        raise Usage(
            f"rejoin needs a kubeconfig of {member.name} for its host: --join {member.name}=FILE, or a vault that was "
            f"made before the uninstall (--vault, --identity). To leave it: --later {member.name}.",
            *_given_or_later(member.name),
        )
    return str(kubeconfig)


def _require_same_member(member: ClusterFacts, kubeconfig: str) -> None:
    answer = dial_kubeconfig(member.name, kubeconfig)
    if answer.reach is not Reach.REACHED:
        raise Refused(
            f"The kubeconfig for {member.name} does not reach a cluster: {answer.detail}. Nothing was sent. The host "
            "needs one that works by itself: without programs and files, with an address that it reaches. Write such a "
            f"file, and run the same command again with --join {shlex.quote(member.name)}=FILE."
        )
    if answer.identity != member.identity:
        raise Refused(
            f"The kubeconfig for {member.name} leads to the cluster {answer.identity} at {answer.endpoint}, and the "
            f"context {member.context} to {member.identity}. Nothing was sent. Run the "
            f"same command again with the file of {member.name}: --join {shlex.quote(member.name)}=FILE."
        )
