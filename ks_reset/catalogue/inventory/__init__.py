"""Inventories: every object of a KubeSphere version, as data made from the vendor's manifests by tools/inventory."""

from ks_reset.catalogue.inventory.content import content_digest
from ks_reset.catalogue.inventory.entries import Inventory, InventoryEntry
from ks_reset.catalogue.inventory.index import Index, Listed, index_of
from ks_reset.catalogue.inventory.load import inventory_versions, load_inventory
from ks_reset.catalogue.inventory.proof import Agreement, Proof, delivered_content, proof_of_inventory

__all__ = [
    "Agreement",
    "Index",
    "Inventory",
    "InventoryEntry",
    "Listed",
    "Proof",
    "content_digest",
    "delivered_content",
    "index_of",
    "inventory_versions",
    "load_inventory",
    "proof_of_inventory",
]
