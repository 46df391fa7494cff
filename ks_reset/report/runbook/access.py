"""The least rights that `ks-reset apply` needs for a plan on one cluster, as RBAC objects.

A runbook knows the plan and not the facts: it grants reading of every type, where `ks-reset permissions` names types.
"""

from ks_reset.apply.permissions import needed_permissions
from ks_reset.catalogue.names import (
    ACCESS_REVIEW_KIND,
    ADMISSION_POLICY_BINDING_KIND,
    ADMISSION_POLICY_KIND,
    KUBE_NODE_LEASE_NAMESPACE,
    NAMESPACE_KEY,
    NAMESPACE_KIND,
)
from ks_reset.facts.permissions import DISCOVERY
from ks_reset.model import Body, ClusterFacts, Kind, Obj, Permission, Plan, PlanCluster
from ks_reset.report.roles import role_objects
from ks_reset.report.runbook.shell import Site

NAME = "ks-reset"
EVERYTHING = Kind("*", "", "", "*", namespaced=False)
READS = tuple(Permission(verb, EVERYTHING) for verb in ("get", "list"))
"""Leftovers, references and reactions may be in any type: facts are read by API discovery."""


def access_objects(plan: Plan, cluster: PlanCluster, site: Site) -> list[Body]:
    """Namespace, ServiceAccount, ClusterRole, Role for the run lock, and their bindings, for one cluster."""
    actions = [action for action in plan.actions if action.cluster == cluster.identity]
    needed = needed_permissions(actions, _planned_world(plan, cluster, site), plan.material.install)
    asked = (*READS, Permission("create", ACCESS_REVIEW_KIND), *needed)
    restricted = {"pod-security.kubernetes.io/enforce": "restricted"}
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": NAME}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAME, "labels": restricted}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": NAME}},
        *role_objects(NAME, asked, subject, DISCOVERY),
    ]


def _planned_world(plan: Plan, cluster: PlanCluster, site: Site) -> ClusterFacts:
    """The cluster as far as the plan tells: the types of its actions, and whether it serves admission policies.

    kube-node-lease is taken to exist, as in every cluster since Kubernetes 1.14: there the seatbelt is tried.
    """
    kinds = {action.kind.key: action.kind for action in plan.actions if action.cluster == cluster.identity}
    policies = () if site.webhook else (ADMISSION_POLICY_KIND, ADMISSION_POLICY_BINDING_KIND)
    kinds |= {kind.key: kind for kind in policies}
    tried = Obj(NAMESPACE_KIND, {"metadata": {"name": KUBE_NODE_LEASE_NAMESPACE}})
    about = (cluster.identity, cluster.name, cluster.context, cluster.endpoint, cluster.version)
    return ClusterFacts(*about, kinds, {NAMESPACE_KEY: (tried,)})
