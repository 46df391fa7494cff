"""What a seatbelt protects: everything but KubeSphere's own namespaces and types, also what is made later."""

from ks_reset import catalogue
from ks_reset.model import Obj

CRD = "CustomResourceDefinition.apiextensions.k8s.io"
SHIELDED = ("Namespace", "PersistentVolumeClaim", "PersistentVolume", CRD)


def own_namespaces() -> tuple[str, ...]:
    """The names of the namespaces that KubeSphere makes for itself, whether they are there or not."""
    return tuple(sorted(entry.name for entry in catalogue.load().namespaces if entry.remove != "never"))


def shields(obj: Obj) -> bool:
    """Whether a seatbelt without exceptions denies the deletion of this object whoever asks."""
    if obj.kind.key not in SHIELDED:
        return False
    if obj.kind.key == CRD:
        return not catalogue.own_group(str(obj.spec.get("group", "")))
    return home(obj) not in own_namespaces()


def home(obj: Obj) -> str:
    """The namespace that an object is or is in; "" for whatever is in none."""
    return obj.name if obj.kind.key == "Namespace" else obj.namespace
