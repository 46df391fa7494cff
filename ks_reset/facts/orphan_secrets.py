"""Secrets of joins without a record: credentials of clusters no longer registered.

The join calls the Secret <cluster>-secret (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go,
joinFederation); kubefedctl generates a name that begins with the cluster's (kubefed v0.8.1, pkg/kubefedctl/join.go).
"""

import re
from collections.abc import Iterable

from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    KUBEFED_CLUSTER_KEY,
    KUBEFED_CONFIG_KEY,
    SECRET_KEY,
    SERVICE_ACCOUNT_NAME_ANNOTATION,
)
from ks_reset.facts.controllers import kubefed_controllers
from ks_reset.facts.join_accounts import has_account, joins_of_cluster
from ks_reset.model import ClusterFacts, Obj

NAME = re.compile(r"(?P<cluster>[a-z0-9.-]+)-(secret|[bcdfghjklmnpqrstvwxz2456789]{5})")


def orphan_secrets(host: ClusterFacts) -> list[Obj]:
    """The Secrets in kubefed's namespaces with the name of a join's Secret, not named by any record."""
    homes = {d.namespace for d in kubefed_controllers(host)} | {c.namespace for c in host.of(KUBEFED_CONFIG_KEY)}
    used = {secret.uid for secret in _recorded_secrets(host)}
    return [s for s in host.of(SECRET_KEY) if s.namespace in homes and s.uid not in used and _is_join_secret(s)]


def join_secrets(host: ClusterFacts, joins: Iterable[str] = ()) -> list[Obj]:
    """The Secrets that a record names, and those without one whose name begins with that of a known cluster.

    A cluster is known by its Cluster, its record, or the account of its join; `joins` are accounts known to the plan,
    as <kube-system UID>/<account>. The name of the Secret alone is no proof: backup-secret may be a user's.
    """
    accounts = {join.account for join in joins_of_cluster(host)} | {join.partition("/")[2] for join in joins}
    names = {record.name for key in (CLUSTER_KEY, KUBEFED_CLUSTER_KEY) for record in host.of(key)}
    known = [s for s in orphan_secrets(host) if _cluster_of(s) in names or has_account(_cluster_of(s), accounts)]
    return [*_recorded_secrets(host), *known]


def _recorded_secrets(host: ClusterFacts) -> list[Obj]:
    records = host.of(KUBEFED_CLUSTER_KEY)
    named = {(r.namespace, str((r.spec.get("secretRef") or {}).get("name", ""))) for r in records}
    return [secret for secret in host.of(SECRET_KEY) if (secret.namespace, secret.name) in named]


def _cluster_of(secret: Obj) -> str:
    name = NAME.fullmatch(secret.name)
    return name["cluster"] if name else ""


def _is_join_secret(secret: Obj) -> bool:
    is_generated = SERVICE_ACCOUNT_NAME_ANNOTATION in secret.annotations or "helm.sh" in "".join(secret.labels)
    return bool(not is_generated and not secret.owners and _cluster_of(secret))
