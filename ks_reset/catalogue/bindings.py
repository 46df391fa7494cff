"""Proofs that a ClusterRoleBinding or RoleBinding is KubeSphere's, and foreign bindings of its roles.

Proofs, each enough by itself: all owners are of KubeSphere's API groups; a label iam.kubesphere.io/user-ref or
group-ref names the only subject (kubesphere v3.3.1, pkg/models/iam/am/am.go); name, role and all subjects equal an
entry of the catalogue, or of an inventory. A binding with the label serviceaccount-ref binds a user's ServiceAccount
and is the user's.
"""

from collections.abc import Collection, Iterable

from ks_reset.catalogue.delivered import delivered_proof
from ks_reset.catalogue.entries import BindingEntry, NamespacedRbacEntry
from ks_reset.catalogue.loader import load_catalogue
from ks_reset.catalogue.members import join_binding_proof
from ks_reset.catalogue.names import GROUP_REF_LABEL, USER_REF_LABEL
from ks_reset.catalogue.rbac import owner_proof
from ks_reset.model import Obj

REFERENCES = {USER_REF_LABEL: "User", GROUP_REF_LABEL: "Group"}
EXACT = "its exact name, role and subjects are in the catalogue"


def cluster_role_binding_proof(obj: Obj) -> str | None:
    """The proof that a ClusterRoleBinding is KubeSphere's, as a phrase; None without proof or for another kind."""
    if obj.kind.kind != "ClusterRoleBinding":
        return None
    if any(_matches_entry(obj, entry) for entry in load_catalogue().cluster_role_bindings):
        return EXACT
    return owner_proof(obj) or _reference_proof(obj) or join_binding_proof(obj) or delivered_proof(obj)


def role_binding_proof(obj: Obj) -> str | None:
    """The proof that a RoleBinding is KubeSphere's, as a phrase; None without proof or for another kind."""
    if obj.kind.kind != "RoleBinding":
        return None
    known = (e for e in load_catalogue().namespaced_rbac if e.kind == "RoleBinding" and e.written_in == obj.namespace)
    if any(_matches_entry(obj, entry) for entry in known):
        return EXACT
    return owner_proof(obj) or _reference_proof(obj) or delivered_proof(obj)


class RoleUsers:
    """The bindings of a cluster by the role each uses. `staying` are the UIDs of KubeSphere's own that stay."""

    def __init__(self, bindings: Iterable[Obj], staying: Collection[str] = ()) -> None:
        self._staying = staying
        self._by_role: dict[tuple[str, str, str], list[Obj]] = {}
        for binding in bindings:
            ref = binding.body.get("roleRef") or {}
            kind, name = str(ref.get("kind")), str(ref.get("name"))
            namespace = "" if kind == "ClusterRole" else binding.namespace
            self._by_role.setdefault((kind, namespace, name), []).append(binding)

    def foreign_bindings(self, role: Obj) -> tuple[Obj, ...]:
        """The bindings of a Role or ClusterRole without a proof of being KubeSphere's, and those that stay."""
        kind = role.kind.kind
        using = self._by_role.get((kind, "" if kind == "ClusterRole" else role.namespace, role.name), [])
        return tuple(
            b for b in using if b.uid in self._staying or not (role_binding_proof(b) or cluster_role_binding_proof(b))
        )


def _matches_entry(obj: Obj, entry: BindingEntry | NamespacedRbacEntry) -> bool:
    ref = obj.body.get("roleRef") or {}
    role = ref.get("name") if obj.kind.kind == "ClusterRoleBinding" else f"{ref.get('kind')} {ref.get('name')}"
    subjects = sorted(_subject_text(s) for s in obj.body.get("subjects") or [])
    return (obj.name, role, subjects) == (entry.name, entry.role, sorted(entry.subjects)) and bool(subjects)


def _reference_proof(obj: Obj) -> str | None:
    subjects = obj.body.get("subjects") or []
    for label, kind in REFERENCES.items():
        value = obj.labels.get(label)
        if value and len(subjects) == 1 and (subjects[0].get("kind"), subjects[0].get("name")) == (kind, value):
            return f"label {label}={value} names its only subject"
    return None


def _subject_text(subject: dict[str, str]) -> str:
    namespace = f"{subject['namespace']}/" if subject.get("namespace") else ""
    return f"{subject.get('kind')}:{namespace}{subject.get('name')}"
