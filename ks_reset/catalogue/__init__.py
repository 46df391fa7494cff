"""KubeSphere's and its kubefed's types, names and objects as data with sources, and proofs of ownership built on it.

A name alone proves nothing. An object without a proof belongs to somebody else and stays.
"""

from ks_reset.catalogue.bindings import cluster_role_binding_proof, foreign_bindings, role_binding_proof
from ks_reset.catalogue.controllers import ORDER, Lock, controller, is_kubefed_controller, lock_of, rank, reacts
from ks_reset.catalogue.loader import COVERED, Catalogue, load
from ks_reset.catalogue.marks import marks, own_group, own_key
from ks_reset.catalogue.members import join_binding_proof, join_proof, join_role_proof
from ks_reset.catalogue.namespaces import system_namespace
from ks_reset.catalogue.rbac import cluster_role_proof, role_proof
from ks_reset.catalogue.webhooks import apiservice_proof, webhook_proof
from ks_reset.catalogue.workloads import is_system_workload

__all__ = [
    "COVERED",
    "ORDER",
    "Catalogue",
    "Lock",
    "apiservice_proof",
    "cluster_role_binding_proof",
    "cluster_role_proof",
    "controller",
    "foreign_bindings",
    "is_kubefed_controller",
    "is_system_workload",
    "join_binding_proof",
    "join_proof",
    "join_role_proof",
    "load",
    "lock_of",
    "marks",
    "own_group",
    "own_key",
    "rank",
    "reacts",
    "role_binding_proof",
    "role_proof",
    "system_namespace",
    "webhook_proof",
]
