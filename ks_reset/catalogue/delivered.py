"""Proofs by the inventories: an object with the name and the content of a delivered one is KubeSphere's."""

from ks_reset.catalogue.inventory import Agreement, index_of, proof_of_inventory
from ks_reset.catalogue.inventory.proof import PROVING
from ks_reset.catalogue.loader import COVERED, load_catalogue
from ks_reset.catalogue.names import CRD_KEY
from ks_reset.model import Obj

EXTENSION_TYPES = frozenset({"installplans.kubesphere.io"})
"""An InstallPlan stands for a helm release with workloads in a namespace of its own, which no playbook removes."""


def delivered_proof(obj: Obj) -> str | None:
    """The proof by exact name and content, for the components with removable objects; None without proof."""
    found = proof_of_inventory(obj)
    return found.phrase if found and found.proves and found.component in COVERED else None


def delivered_component(obj: Obj) -> str:
    """The component of the delivered object of this name; "" for none."""
    found = proof_of_inventory(obj)
    return found.component if found else ""


def delivered_inside_proof(obj: Obj) -> str | None:
    """The proof for an object in one of KubeSphere's own namespaces, where images and own values may be others.

    No second object can have the name there, and the installer fills in the registry and the values.
    """
    found = proof_of_inventory(obj)
    inside = {*PROVING, Agreement.IMAGES, Agreement.VARIES}
    return found.phrase if found and found.agreement in inside else None


def component_of_type(name: str) -> str:
    """The component of a CRD by its name; "" for a type that neither the catalogue nor an inventory has."""
    if name in EXTENSION_TYPES:
        return "extensions"
    entry = load_catalogue().crd_entry(name)
    listed = next(iter(index_of().find(CRD_KEY, "", name)), None)
    return entry.component if entry else listed.entry.component if listed else ""
