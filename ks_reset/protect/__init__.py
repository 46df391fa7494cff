"""The seatbelt: a deny rule that the API server itself enforces, whoever asks."""

from ks_reset import catalogue
from ks_reset.model import Obj, World

NAME = "ks-reset-seatbelt"
CRD = "CustomResourceDefinition.apiextensions.k8s.io"


def denies(world: World) -> bool:
    """Whether a whole seatbelt is on in this cluster."""
    return any(o.name == NAME for o in world.of("ValidatingWebhookConfiguration.admissionregistration.k8s.io"))


def shields(obj: Obj) -> bool:
    """Whether a seatbelt, where it is on, denies the deletion of this object by whoever asks."""
    if obj.kind.key == CRD:
        return not catalogue.own_group(str(obj.spec.get("group", "")))
    if obj.kind.key not in ("Namespace", "PersistentVolumeClaim", "PersistentVolume"):
        return False
    home = obj.name if obj.kind.key == "Namespace" else obj.namespace
    entry = catalogue.system_namespace(home) if home else None
    return entry is None or entry.remove == "never"
