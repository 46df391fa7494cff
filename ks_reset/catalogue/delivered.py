"""Proofs by the inventories: an object with the name and the content of a delivered one is KubeSphere's."""

from ks_reset.catalogue.inventory import Agreement, index_of, proof_of_inventory
from ks_reset.catalogue.inventory.proof import PROVING
from ks_reset.catalogue.loader import COVERED, load_catalogue
from ks_reset.catalogue.names import CRD_KEY
from ks_reset.catalogue.namespaces import system_namespace
from ks_reset.model import Obj

SHARED = frozenset({"storage"})
"""Components whose programs stay in kube-system (ks-installer v3.3.1, roles/common, snapshot-controller)."""
SHARED_ROLES = frozenset({"resource-metrics-server-resources"})
"""Roles that kube-prometheus delivers with the same name and rules (ks-installer v3.1.1, roles/ks-monitor)."""
LISTED = frozenset({"notification", "multicluster/kubefed"})
"""The components whose types count by an inventory alone; types of other components need an entry, with its effect."""


def delivered_proof(obj: Obj) -> str | None:
    """The proof by exact name and content, for the components with removable objects; None without proof.

    Rights in other namespaces, or of accounts there, have no proof: kube-system/snapshot-controller stays, with its
    roles, and users may run a program of the same manifests.
    """
    found = proof_of_inventory(obj)
    if not found or not found.proves or found.component not in COVERED or found.component in SHARED:
        return None
    homes = [obj.namespace] if obj.namespace else []
    homes += [subject.get("namespace", "") for subject in obj.body.get("subjects") or []]
    own = all(system_namespace(home) for home in homes) and obj.name not in SHARED_ROLES
    return found.phrase if own else None


def delivered_component(obj: Obj) -> str:
    """The component of the delivered object of this name; "" for none."""
    found = proof_of_inventory(obj)
    return found.component if found else ""


def delivered_inside_proof(obj: Obj) -> str | None:
    """The proof for an object in one of KubeSphere's own namespaces, where the images alone may be others.

    No second object can have the name there, and an operator may run copies of the images. Content that comes from the
    installation's own values proves nothing here either: a user may have put an object of the same name in its place.
    """
    found = proof_of_inventory(obj)
    inside = {*PROVING, Agreement.IMAGES}
    return found.phrase if found and found.agreement in inside else None


def component_of_type(name: str) -> str:
    """The component of a CRD by its name; "" for a type without an entry, unless an inventory has it (`LISTED`)."""
    entry = load_catalogue().crd_entry(name)
    listed = next(iter(index_of().find(CRD_KEY, "", name)), None)
    if entry:
        return entry.component
    return listed.entry.component if listed and listed.entry.component in LISTED else ""
