"""Whether an object is a user's, judged by API group and namespace. No plan may lose a user's object."""

from ks_reset import catalogue
from ks_reset.catalogue.names import CANARY_LABEL, CRD_KEY, NAMESPACE_KEY
from ks_reset.model import Obj


def is_canary(obj: Obj) -> bool:
    """True for a canary namespace and for the objects ks-reset creates in it."""
    return CANARY_LABEL in obj.labels


def is_users(obj: Obj) -> bool:
    """True for a namespace KubeSphere did not create, for objects inside one, and for cluster-wide objects.

    False for KubeSphere's and kubefed's API groups and CRDs, for their namespaces with the objects inside, and for
    canaries.
    """
    if catalogue.is_own_group(obj.kind.group) or is_canary(obj):
        return False
    if obj.kind.key == CRD_KEY:
        return not catalogue.is_own_group(str(obj.spec.get("group", "")))
    namespace = obj.name if obj.kind.key == NAMESPACE_KEY else obj.namespace
    return not namespace or catalogue.system_namespace(namespace) is None
