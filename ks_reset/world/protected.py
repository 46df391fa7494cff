"""What must not be lost: everything that is not KubeSphere's or kubefed's, by type or by namespace."""

from ks_reset import catalogue
from ks_reset.facts import canary
from ks_reset.model import Obj
from ks_reset.world.state import CRD


def protected(obj: Obj) -> bool:
    """Whether an object is somebody's: a namespace that KubeSphere did not make, or whatever is in one, and so on."""
    if catalogue.own_group(obj.kind.group) or canary.is_canary(obj):
        return False
    if obj.kind.key == CRD:
        return not catalogue.own_group(str(obj.spec.get("group", "")))
    home = obj.name if obj.kind.key == "Namespace" else obj.namespace
    entry = catalogue.system_namespace(home) if home else None
    return entry is None or entry.remove == "never"
