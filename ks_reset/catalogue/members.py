"""What a host's join leaves on each cluster: an account with all rights, its role and its binding.

Names end in -kubesphere, whatever the host is called (hostClusterName, kubesphere v3.3.1,
pkg/controller/cluster/join.go); kubefedctl joins by hand end in another host's name and are not KubeSphere's.
"""

import re

from ks_reset.model import Obj

NAME = re.compile(r"kubefed-controller-manager:(?P<account>.+-kubesphere)")
NAMESPACE = "kube-federation-system"


def join_binding_proof(obj: Obj) -> str | None:
    """The proof that a binding was written by KubeSphere's join, or None."""
    account = _account(obj)
    subjects = [(s.get("kind"), s.get("namespace"), s.get("name")) for s in obj.body.get("subjects") or []]
    if account and subjects == [("ServiceAccount", NAMESPACE, account)]:
        return f"a host's join wrote it for ServiceAccount {NAMESPACE}/{account}"
    return None


def join_role_proof(obj: Obj) -> str | None:
    """The proof that a role was written by KubeSphere's join: its name, and that it allows everything; or None."""
    account = _account(obj)
    if account and any("*" in (rule.get("resources") or []) for rule in obj.body.get("rules") or []):
        return f"a host's join wrote it for ServiceAccount {NAMESPACE}/{account}"
    return None


def _account(obj: Obj) -> str:
    found = NAME.fullmatch(obj.name)
    return found["account"] if found else ""
