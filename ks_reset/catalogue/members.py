"""Proofs for the objects of a join on each cluster: a ServiceAccount with all rights, its role and binding.

The account is called <cluster>-<host>, role and binding kubefed-controller-manager:<cluster>-<host>. KubeSphere's
join writes the constant "kubesphere" for every host, and always cluster-wide (kubesphere v3.3.1,
pkg/controller/cluster/cluster_controller.go, joinFederation; join.go, createClusterRoleAndBinding). A join by hand
with kubefedctl has the same shape and another host's name (kubefed v0.8.1, pkg/kubefedctl/join.go and util/util.go):
it may belong to a foreign federation and proves nothing. Neither version has a name kubefed-cluster:.
"""

import re
from collections.abc import Collection

from ks_reset.catalogue.names import KUBEFED_NAMESPACE
from ks_reset.model import Obj

NAME = re.compile(r"kubefed-controller-manager:(?P<account>[a-z0-9.-]+-kubesphere)")

RULES = [
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["get"], "nonResourceURLs": ["*"]},
]
"""clusterPolicyRules of kubesphere v3.3.1, pkg/controller/cluster/join.go, and of kubefed v0.8.1, pkg/kubefedctl."""
PREFIX = "kubefed-controller-manager:"


def join_binding_proof(obj: Obj) -> str | None:
    """The proof that KubeSphere's join wrote a ClusterRoleBinding: name, role and only subject; or None."""
    account = _join_account(obj, "ClusterRoleBinding")
    subjects = [(s.get("kind"), s.get("namespace"), s.get("name")) for s in obj.body.get("subjects") or []]
    role = obj.body.get("roleRef") or {}
    bound = (role.get("kind"), role.get("name")) == ("ClusterRole", obj.name)
    return _join_text(account) if bound and subjects == [("ServiceAccount", KUBEFED_NAMESPACE, account)] else None


def join_role_proof(obj: Obj) -> str | None:
    """The proof that KubeSphere's join wrote a ClusterRole: its name and exactly its rules; or None."""
    account = _join_account(obj, "ClusterRole")
    return _join_text(account) if account and obj.body.get("rules") == RULES else None


def join_proof(obj: Obj, accounts: Collection[str]) -> str | None:
    """The proof that the join of one of these accounts wrote a ClusterRole or its binding; or None.

    A binding is proven by name, role and only subject, a role by its name and rules.
    """
    account = obj.name.removeprefix(PREFIX)
    if account not in accounts or not obj.name.startswith(PREFIX):
        return None
    if obj.kind.kind == "ClusterRole":
        return _join_text(account) if obj.body.get("rules") == RULES else None
    subjects = obj.body.get("subjects") or []
    role = obj.body.get("roleRef") or {}
    bound = (role.get("kind"), role.get("name")) == ("ClusterRole", obj.name)
    only = [(s.get("kind"), s.get("name")) for s in subjects] == [("ServiceAccount", account)]
    return _join_text(account, str(subjects[0].get("namespace"))) if bound and only else None


def _join_text(account: str, namespace: str = KUBEFED_NAMESPACE) -> str:
    return f"a host's join wrote it for ServiceAccount {namespace}/{account}"


def _join_account(obj: Obj, kind: str) -> str:
    match = NAME.fullmatch(obj.name) if obj.kind.kind == kind else None
    return match["account"] if match else ""
