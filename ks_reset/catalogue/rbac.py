"""Proofs that a ClusterRole or Role is KubeSphere's; a role without proof stays.

Proofs, each enough by itself: all owners are of KubeSphere's API groups; exact name with the rules as delivered, in
the catalogue or an inventory; exact name with the labels and annotations as delivered. "kubesphere" in a name proves
nothing. Neither do helm's ownership annotations: the installer writes them onto any object of a listed name (ks-
installer v3.3.1, roles/ks-core/ks-core/tasks/main.yaml). Neither does kubesphere.io/creator=system on a ClusterRole:
Kubernetes' own cluster-admin has it too (ks-installer v3.3.1, roles/ks-core/prepare/files/ks-init/role-
templates.yaml).

A digest depends on the order of the rules; the API server keeps it. The digests of 3.3.1 are those of its manifests.
A recorded 3.3.1 (Kubernetes 1.24) confirms this for cluster-viewer; the other 31 roles in it are templates with empty
rules: the API server sends these as null, and null counts as none.
"""

import hashlib
import json
from typing import Any

from ks_reset.catalogue.delivered import delivered_proof
from ks_reset.catalogue.entries import ClusterRoleEntry, NamespacedRbacEntry
from ks_reset.catalogue.loader import load_catalogue
from ks_reset.catalogue.marks import is_own_group
from ks_reset.catalogue.names import (
    AGGREGATION_ANNOTATION,
    BOOTSTRAPPING_LABEL,
    CREATOR_ANNOTATION,
    ROLE_TEMPLATE_LABEL,
    ROLE_TEMPLATE_RULES_ANNOTATION,
)
from ks_reset.model import Obj

BUILT_IN = ("cluster-admin", "admin", "edit", "view")
BOOTSTRAPPED = {
    f"system:{name}"
    for name in (
        *(
            "auth-delegator",
            "basic-user",
            "discovery",
            "heapster",
            "kube-aggregator",
            "kube-controller-manager",
            "kube-dns",
        ),
        *("kube-scheduler", "kubelet-api-admin", "monitoring", "node", "node-bootstrapper", "node-problem-detector"),
        *("node-proxier", "persistent-volume-provisioner", "public-info-viewer", "service-account-issuer-discovery"),
        *("volume-scheduler", "certificates.k8s.io:certificatesigningrequests:nodeclient"),
        *(
            "certificates.k8s.io:certificatesigningrequests:selfnodeclient",
            "certificates.k8s.io:kube-apiserver-client-approver",
        ),
        *("certificates.k8s.io:kube-apiserver-client-kubelet-approver", "certificates.k8s.io:kubelet-serving-approver"),
        "certificates.k8s.io:legacy-unknown-approver",
    )
}
"""ClusterRoles of Kubernetes' own that an API server creates when it starts, beside those of its controllers."""
"""Kubernetes v1.24, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go; besides these, names in system:."""


def cluster_role_proof(obj: Obj) -> str | None:
    """The proof that a ClusterRole is KubeSphere's, as a phrase; None without proof.

    Kubernetes' own roles have none, even with KubeSphere's marks on them. KubeSphere and kubefed deliver two names
    below system:; their rules alone prove them.
    """
    if obj.kind.kind != "ClusterRole" or _is_built_in(obj):
        return None
    entry = next((e for e in load_catalogue().cluster_roles if e.name == obj.name and e.ownership == "own"), None)
    if entry and _has_delivered_rules(obj, entry):
        return "its exact name and rules are in the catalogue"
    return None if obj.name.startswith("system:") else owner_proof(obj) or delivered_proof(obj)


def role_proof(obj: Obj) -> str | None:
    """The proof that KubeSphere made a Role, as it does in every project; None for a user's custom role.

    The namespace's label kubesphere.io/workspace does not count: an uninstall removes it before the roles, and a
    second run must give the same answer. Source: kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go,
    initRoles: it sets labels, annotations and rules of each.
    """
    if obj.kind.kind != "Role":
        return None
    entry = next((e for e in load_catalogue().namespaced_rbac if (e.kind, e.name) == ("Role", obj.name)), None)
    return _project_role_proof(obj, entry) if entry else owner_proof(obj) or delivered_proof(obj)


def owner_proof(obj: Obj) -> str | None:
    """The proof by ownerReferences: at least one, and all to objects of KubeSphere's API groups; or None."""
    if not obj.owners or not all(is_own_group(owner.group) for owner in obj.owners):
        return None
    owner = obj.owners[0]
    return f"it is owned by {owner.kind} {owner.name} of {owner.group}"


def rules_digest(rules: list[dict[str, Any]]) -> str:
    """The first 16 hex digits of SHA-256 over the rules as JSON with sorted keys and no spaces."""
    text = json.dumps(rules, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_built_in_name(name: str) -> bool:
    """Whether a ClusterRole of this name is one of Kubernetes' own, which an API server creates when it starts.

    Add-ons have names below system: as well, such as system:metrics-server, so only these are known by prefix
    (kubernetes v1.24.17, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go and controller_policy.go).
    """
    return name in BUILT_IN or name in BOOTSTRAPPED or name.startswith(("system:controller:", "system:aggregate-to-"))


def _is_built_in(obj: Obj) -> bool:
    return obj.name in BUILT_IN or obj.labels.get(BOOTSTRAPPING_LABEL) == "rbac-defaults"


def _has_delivered_rules(obj: Obj, entry: ClusterRoleEntry) -> bool:
    rules = obj.body.get("rules") or []
    if not rules:  # the digest of no rules proves nothing
        return rules_digest(rules) in entry.digests and bool(entry.annotations) and _has_delivered_marks(obj, entry)
    least = 1 if entry.appended else len(rules)
    return any(rules_digest(rules[:count]) in entry.digests for count in range(least, len(rules) + 1))


def _has_delivered_marks(obj: Obj, entry: ClusterRoleEntry | NamespacedRbacEntry) -> bool:
    return entry.labels.items() <= obj.labels.items() and set(entry.annotations) <= obj.annotations.keys()


def _project_role_proof(obj: Obj, entry: NamespacedRbacEntry) -> str | None:
    if (
        ROLE_TEMPLATE_LABEL in entry.labels
        and obj.labels.get(ROLE_TEMPLATE_LABEL) in ("true", "false")
        and ROLE_TEMPLATE_RULES_ANNOTATION in obj.annotations
    ):
        return f"its name is in the catalogue and it carries {ROLE_TEMPLATE_LABEL} and {ROLE_TEMPLATE_RULES_ANNOTATION}"
    unlabelled = not entry.labels and not obj.labels
    if unlabelled and obj.annotations.get(CREATOR_ANNOTATION) == "system" and AGGREGATION_ANNOTATION in obj.annotations:
        return f"its name is in the catalogue, {CREATOR_ANNOTATION}=system, {AGGREGATION_ANNOTATION}, and no labels"
    return None
