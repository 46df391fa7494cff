"""Secrets of joins without a record: credentials of clusters no longer registered.

The join calls the Secret <cluster>-secret (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go,
joinFederation); kubefedctl generates a name that begins with the cluster's (kubefed v0.8.1, pkg/kubefedctl/join.go).
"""

import re

from ks_reset.catalogue.names import (
    KUBEFED_CLUSTER_KEY,
    KUBEFED_CONFIG_KEY,
    SECRET_KEY,
    SERVICE_ACCOUNT_NAME_ANNOTATION,
)
from ks_reset.facts.controllers import kubefed_controllers
from ks_reset.model import ClusterFacts, Obj

NAME = re.compile(r"(?P<cluster>[a-z0-9.-]+)-(secret|[bcdfghjklmnpqrstvwxz2456789]{5})")


def orphan_secrets(host: ClusterFacts) -> list[Obj]:
    """The Secrets in kubefed's namespaces with the name of a join's Secret, not named by any record."""
    homes = {d.namespace for d in kubefed_controllers(host)} | {c.namespace for c in host.of(KUBEFED_CONFIG_KEY)}
    records = host.of(KUBEFED_CLUSTER_KEY)
    used = {(r.namespace, str((r.spec.get("secretRef") or {}).get("name", ""))) for r in records}
    return [
        s
        for s in host.of(SECRET_KEY)
        if s.namespace in homes and (s.namespace, s.name) not in used and _is_join_secret(s)
    ]


def _is_join_secret(secret: Obj) -> bool:
    is_generated = SERVICE_ACCOUNT_NAME_ANNOTATION in secret.annotations or "helm.sh" in "".join(secret.labels)
    return bool(not is_generated and not secret.owners and NAME.fullmatch(secret.name))
