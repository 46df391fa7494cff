"""Bindings of unknown origin that grant rights to accounts in KubeSphere's own namespaces."""

import shlex
from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import CLUSTER_ROLE_BINDING_KEY, ROLE_BINDING_KEY
from ks_reset.facts.given_up import discard_key
from ks_reset.facts.kept import Kept
from ks_reset.model import ClusterFacts, Obj, Request, Skipped
from ks_reset.steps.step import Removal

USER_PREFIX, GROUP_PREFIX = "system:serviceaccount:", "system:serviceaccounts:"


def bindings_of_own_accounts(cluster: ClusterFacts, request: Request) -> Iterable[Removal | Skipped]:
    """The bindings without a proof of their origin with such an account: removed if --discard names them.

    An operator or a person may have made them. Once the namespace is gone, the account is gone, and whoever creates one
    of the same name has its rights. A binding that also has other subjects is not KubeSphere's alone, and stays.
    """
    kept = Kept(cluster, request).namespaces
    for obj in (*cluster.of(CLUSTER_ROLE_BINDING_KEY), *cluster.of(ROLE_BINDING_KEY)):
        if _has_proof(cluster, obj) or (obj.namespace and catalogue.own_namespace(cluster, obj.namespace)):
            continue
        subjects = obj.body.get("subjects") or []
        accounts = [place for place in map(_bound_account, subjects) if place]
        own = [place for place in accounts if place[0] not in kept and catalogue.own_namespace(cluster, place[0])]
        names = ", ".join(f"{namespace}/{name or '*'}" for namespace, name in own)
        if own and len(own) < len(subjects):
            yield Skipped(cluster.name, obj.title, f"it binds {names} and others; {_edit_command(cluster, obj)}")
        elif own and discard_key(obj) in request.discard:
            yield Removal(obj, f"it binds {names} alone, and --discard names it")
        elif own:
            why = f"it binds {names} alone, and nobody knows who made it. To remove it too: {_discard_command(obj)}"
            yield Skipped(cluster.name, obj.title, why)


def _discard_command(obj: Obj) -> str:
    return f"ks-reset plan uninstall --discard {shlex.quote(discard_key(obj))} --out plan.json"


def _has_proof(cluster: ClusterFacts, obj: Obj) -> bool:
    proof = catalogue.cluster_role_binding_proof(obj) or catalogue.role_binding_proof(obj)
    return bool(proof or catalogue.extensions_of(cluster).proof(obj))


def _bound_account(subject: dict[str, str]) -> tuple[str, str] | None:
    """Namespace and name of the account of a subject, "" for all in a namespace; None for another subject.

    Each account is a User and in a Group as well (kubernetes v1.24.17, staging/src/k8s.io/apiserver/pkg/authentication/
    serviceaccount/util.go, MakeUsername and MakeNamespaceGroupName).
    """
    kind, name = subject.get("kind"), str(subject.get("name", ""))
    if kind == "ServiceAccount":
        return str(subject.get("namespace", "")), name
    if kind == "User" and name.startswith(USER_PREFIX):
        namespace, _, account = name.removeprefix(USER_PREFIX).partition(":")
        return (namespace, account) if account else None
    return (name.removeprefix(GROUP_PREFIX), "") if kind == "Group" and name.startswith(GROUP_PREFIX) else None


def _edit_command(cluster: ClusterFacts, obj: Obj) -> str:
    where = ["-n", obj.namespace] if obj.namespace else []
    return shlex.join(["kubectl", "--context", cluster.context, *where, "edit", f"{obj.kind.resource}/{obj.name}"])
