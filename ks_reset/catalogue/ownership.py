"""Whether an object is a user's, judged by API group and namespace. No plan may lose a user's object."""

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CANARY_LABEL,
    CRD_KEY,
    NAMESPACE_KEY,
    NODE_KEY,
    PERSISTENT_VOLUME_CLAIM_KEY,
    PERSISTENT_VOLUME_KEY,
    STORAGE_CLASS_KEY,
)
from ks_reset.model import ClusterFacts, Obj

NEVER_DELETED = frozenset({PERSISTENT_VOLUME_KEY, PERSISTENT_VOLUME_CLAIM_KEY, NODE_KEY, STORAGE_CLASS_KEY})
"""Types of which no plan deletes an object."""


def is_canary(obj: Obj) -> bool:
    """True for a canary namespace and for the objects ks-reset creates in it."""
    return CANARY_LABEL in obj.labels


def is_users(obj: Obj, cluster: ClusterFacts) -> bool:
    """True for a namespace KubeSphere did not create, for objects inside one, and for cluster-wide objects.

    False for KubeSphere's and kubefed's API groups and CRDs, for their namespaces with the objects inside, for objects
    of extensions wherever they are, and for canaries. No proof of an extension covers a type of NEVER_DELETED.
    """
    if catalogue.is_own_group(obj.kind.group) or is_canary(obj):
        return False
    if obj.kind.key == CRD_KEY:
        return not catalogue.is_own_group(str(obj.spec.get("group", "")))
    if obj.kind.key == NAMESPACE_KEY:
        return catalogue.own_namespace_entry(obj) is None
    inside = bool(obj.namespace) and catalogue.own_namespace(cluster, obj.namespace) is not None
    if obj.kind.key in NEVER_DELETED:
        return not inside
    return not (inside or catalogue.extensions_of(cluster).covers(obj))
