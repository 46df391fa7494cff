"""KubeSphere's and its kubefed's types, names and objects as data with sources, and proofs of ownership built on it.

A name alone proves nothing. An object without a proof belongs to somebody else and stays.
"""

from ks_reset.catalogue.bindings import RoleUsers, cluster_role_binding_proof, role_binding_proof
from ks_reset.catalogue.controllers import (
    STOP_ORDER,
    STRAY_KEYS,
    LeaderElection,
    controller_name,
    delivered_program,
    is_kubefed_controller,
    is_reacting_controller,
    leader_election_of,
    program_name,
    stop_rank,
)
from ks_reset.catalogue.delivered import (
    component_of_type,
    delivered_component,
    delivered_service_proof,
    is_delivered,
)
from ks_reset.catalogue.extensions import extensions_of, own_namespace, own_namespace_entry
from ks_reset.catalogue.loader import COVERED, Catalogue, load_catalogue
from ks_reset.catalogue.marks import (
    is_made_from_template,
    is_never_removed,
    is_own_finalizer,
    is_own_group,
    is_own_key,
    marks_in_templates,
    removable_marks,
)
from ks_reset.catalogue.members import join_binding_proof, join_proof, join_role_proof
from ks_reset.catalogue.namespaces import shared_namespace, system_namespace
from ks_reset.catalogue.rbac import cluster_role_proof, role_proof
from ks_reset.catalogue.webhooks import apiservice_proof, webhook_proof
from ks_reset.catalogue.workloads import is_system_workload

__all__ = [
    "COVERED",
    "STOP_ORDER",
    "STRAY_KEYS",
    "Catalogue",
    "LeaderElection",
    "RoleUsers",
    "apiservice_proof",
    "cluster_role_binding_proof",
    "cluster_role_proof",
    "component_of_type",
    "controller_name",
    "delivered_component",
    "delivered_program",
    "delivered_service_proof",
    "extensions_of",
    "is_delivered",
    "is_kubefed_controller",
    "is_made_from_template",
    "is_never_removed",
    "is_own_finalizer",
    "is_own_group",
    "is_own_key",
    "is_reacting_controller",
    "is_system_workload",
    "join_binding_proof",
    "join_proof",
    "join_role_proof",
    "leader_election_of",
    "load_catalogue",
    "marks_in_templates",
    "own_namespace",
    "own_namespace_entry",
    "program_name",
    "removable_marks",
    "role_binding_proof",
    "role_proof",
    "shared_namespace",
    "stop_rank",
    "system_namespace",
    "webhook_proof",
]
