"""Proofs that a role or binding is KubeSphere's; what has none stays.

Levels of proof: an ownerReference to a KubeSphere group; an iam.kubesphere.io label whose value matches the content;
exact name with role and every subject; exact name with the rules as delivered. A name that contains "kubesphere", or
helm's ownership annotations, prove nothing (ks-installer v3.3.1 writes the latter onto any object of a listed name).
"""

import hashlib
import json
from collections.abc import Iterable

from ks_reset.catalogue.loader import load
from ks_reset.catalogue.marks import own_group
from ks_reset.catalogue.members import join_binding_proof
from ks_reset.model import Obj

CREATOR = "kubesphere.io/creator"
AGGREGATION = "iam.kubesphere.io/aggregation-roles"
WEBHOOK = "ServiceAccount:kube-federation-system/kubefed-admission-webhook"
TEMPLATE = "iam.kubesphere.io/role-template"
REFERENCES = {"iam.kubesphere.io/user-ref": "User", "iam.kubesphere.io/group-ref": "Group"}


def cluster_role_proof(obj: Obj) -> str | None:
    """Proof for a ClusterRole, or None. Kubernetes' own roles are never proven, whatever KubeSphere wrote on them."""
    if obj.labels.get("kubernetes.io/bootstrapping") == "rbac-defaults":
        return None
    entry = next((e for e in load().cluster_roles if e.name == obj.name and e.ownership == "own"), None)
    if entry and rules_digest(obj) in entry.digests:
        return "its exact name and rules are in the catalogue"
    return _owned(obj)


def cluster_role_binding_proof(obj: Obj) -> str | None:
    """Proof for a ClusterRoleBinding, or None."""
    subjects = {_subject(s) for s in obj.body.get("subjects") or []}
    role = (obj.body.get("roleRef") or {}).get("name", "")
    for entry in load().cluster_role_bindings:
        if (entry.name, entry.role, set(entry.subjects)) == (obj.name, role, subjects):
            return "its exact name, role and subjects are in the catalogue"
    return _owned(obj) or _referenced(obj) or join_binding_proof(obj)


def role_proof(obj: Obj) -> str | None:
    """Proof for a Role that KubeSphere makes in every project, or None; a user's custom role has none."""
    entry = next((e for e in load().namespaced_rbac if (e.kind, e.name) == ("Role", obj.name)), None)
    if entry is None:
        return _owned(obj)
    if not set(entry.annotations) <= obj.annotations.keys():
        return None
    if TEMPLATE in entry.labels and TEMPLATE in obj.labels:
        return f"its name is in the catalogue and it carries {TEMPLATE}"
    if obj.annotations.get(CREATOR) == "system" and AGGREGATION in obj.annotations:
        return f"its name is in the catalogue, {CREATOR}=system and {AGGREGATION}"
    return None


def role_binding_proof(obj: Obj) -> str | None:
    """Proof for a RoleBinding, or None."""
    if obj.namespace == "kube-system" and obj.name == "kubefed-admission-webhook:apiextension-viewer":
        accounts = {_subject(s) for s in obj.body.get("subjects") or []}
        return "kubefed's admission webhook" if accounts == {WEBHOOK} else None
    return _owned(obj) or _referenced(obj)


def foreign_bindings(role: Obj, bindings: Iterable[Obj]) -> tuple[Obj, ...]:
    """The bindings that use a role and are not provably KubeSphere's."""
    using = (b for b in bindings if _uses(b, role))
    return tuple(b for b in using if not (role_binding_proof(b) or cluster_role_binding_proof(b)))


def rules_digest(obj: Obj) -> str:
    """The first 16 hex digits of SHA-256 over the rules as JSON with sorted keys and no spaces."""
    text = json.dumps(obj.body.get("rules") or [], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _uses(binding: Obj, role: Obj) -> bool:
    ref = binding.body.get("roleRef") or {}
    if (ref.get("kind"), ref.get("name")) != (role.kind.kind, role.name):
        return False
    return role.kind.kind == "ClusterRole" or binding.namespace == role.namespace


def _owned(obj: Obj) -> str | None:
    owner = next((o for o in obj.owners if own_group(o.group)), None)
    return f"it is owned by {owner.kind} {owner.name} of {owner.group}" if owner else None


def _referenced(obj: Obj) -> str | None:
    subjects = obj.body.get("subjects") or []
    for label, kind in REFERENCES.items():
        value = obj.labels.get(label)
        if value and len(subjects) == 1 and (subjects[0].get("kind"), subjects[0].get("name")) == (kind, value):
            return f"label {label}={value} names its only subject"
    return None


def _subject(subject: dict[str, str]) -> str:
    namespace = f"{subject['namespace']}/" if subject.get("namespace") else ""
    return f"{subject.get('kind')}:{namespace}{subject.get('name')}"
