"""The least rights that `ks-reset apply` needs for a plan on one cluster, as RBAC objects."""

from collections.abc import Iterable

from ks_reset.apply.permissions import Permission, needed_permissions
from ks_reset.catalogue.names import (
    ADMISSION_POLICY_BINDING_KIND,
    ADMISSION_POLICY_KIND,
    KUBE_SYSTEM_NAMESPACE,
    RBAC_GROUP,
)
from ks_reset.model import Action, AddMarks, Body, ClusterFacts, Create, Kind, Plan, PlanCluster, RemoveMarks
from ks_reset.report.runbook.shell import Site

NAME = "ks-reset"
READS: Body = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}
"""Leftovers, references and reactions may be in any type: facts are read by API discovery."""
OF_ROLES = {"Role": "escalate", "ClusterRole": "escalate", "RoleBinding": "bind", "ClusterRoleBinding": "bind"}
"""The API server refuses rights that the client does not have itself, without these verbs; a patch of the labels of a
binding is refused too (kubernetes v1.24.17, pkg/registry/rbac/rolebinding/policybased/storage.go)."""


def access_objects(plan: Plan, cluster: PlanCluster, site: Site) -> list[Body]:
    """Namespace, ServiceAccount, ClusterRole, Role for the run lock, and their bindings, for one cluster."""
    needed = sorted(
        needed_permissions(_actions(plan, cluster), _planned_world(plan, cluster, site), plan.material.install)
    )
    everywhere, inside = ([p for p in needed if bool(p.namespace) is here] for here in (False, True))
    restricted = {"pod-security.kubernetes.io/enforce": "restricted"}
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": NAME}
    home = {"name": NAME, "namespace": KUBE_SYSTEM_NAMESPACE}
    rules = [READS, *_rules(everywhere), *_rules(_of_roles(plan, cluster))]
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAME, "labels": restricted}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": NAME}},
        _rbac("ClusterRole", {"name": NAME}, rules=rules),
        _binding("ClusterRoleBinding", {"name": NAME}, "ClusterRole", subject),
        _rbac("Role", home, rules=list(_rules(inside))),
        _binding("RoleBinding", home, "Role", subject),
    ]


def _actions(plan: Plan, cluster: PlanCluster) -> list[Action]:
    return [action for action in plan.actions if action.cluster == cluster.identity]


def _planned_world(plan: Plan, cluster: PlanCluster, site: Site) -> ClusterFacts:
    """The cluster as far as the plan tells: the types of its actions, and whether it serves admission policies."""
    kinds = {action.kind.key: action.kind for action in plan.actions if action.cluster == cluster.identity}
    policies = () if site.webhook else (ADMISSION_POLICY_KIND, ADMISSION_POLICY_BINDING_KIND)
    kinds |= {kind.key: kind for kind in policies}
    return ClusterFacts(cluster.identity, cluster.name, cluster.context, cluster.endpoint, cluster.version, kinds, {})


def _of_roles(plan: Plan, cluster: PlanCluster) -> Iterable[Permission]:
    """`bind` and `escalate` for the roles and bindings that the plan creates or marks."""
    for action in plan.actions:
        made = isinstance(action, Create | AddMarks | RemoveMarks) and action.cluster == cluster.identity
        if made and action.kind.group == RBAC_GROUP and action.kind.kind in OF_ROLES:
            for plural in ("roles", "clusterroles"):
                yield Permission(OF_ROLES[action.kind.kind], Kind(RBAC_GROUP, "v1", "", plural, namespaced=False))


def _rules(permissions: Iterable[Permission]) -> Iterable[Body]:
    """Rules of a role, one for each API group and set of verbs."""
    verbs: dict[tuple[str, str], set[str]] = {}
    for each in permissions:
        verbs.setdefault((each.kind.group, each.kind.plural), set()).add(each.verb)
    rules: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (group, plural), words in sorted(verbs.items()):
        rules.setdefault((group, tuple(sorted(words))), []).append(plural)
    for (group, named), plurals in rules.items():
        yield {"apiGroups": [group], "resources": plurals, "verbs": list(named)}


def _rbac(kind: str, meta: Body, **more: object) -> Body:
    return {"apiVersion": f"{RBAC_GROUP}/v1", "kind": kind, "metadata": meta, **more}


def _binding(kind: str, meta: Body, role: str, subject: Body) -> Body:
    reference = {"apiGroup": RBAC_GROUP, "kind": role, "name": NAME}
    return _rbac(kind, meta, roleRef=reference, subjects=[subject])
