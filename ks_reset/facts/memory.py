"""What is remembered of KubeSphere: which namespace belonged to which Workspace, and its own objects by type.

Copies that kubefed has spread are left out: the host's are the originals.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.marks import MANAGED
from ks_reset.facts.image import image
from ks_reset.facts.workspaces import GROUP, LABEL, WORKSPACE, workspace_owner
from ks_reset.model import Body, Bond, Facts, Memory, Obj, Past, World

IAM, RBAC = "iam.kubesphere.io", "rbac.authorization.k8s.io"
TEMPLATE = f"WorkspaceTemplate.{GROUP}"
USER = f"User.{IAM}"
ACCESS = (
    *(f"{kind}.{IAM}" for kind in ("GlobalRole", "User", "Group", "GroupBinding", "GlobalRoleBinding")),
    *(f"{kind}.{IAM}" for kind in ("WorkspaceRole", "WorkspaceRoleBinding")),
    "ResourceQuota.quota.kubesphere.io",
)
"""Who may do what, and how much, in the order in which it is given back."""
NAMESPACED = (f"Role.{RBAC}", f"RoleBinding.{RBAC}")
"""KubeSphere's own roles, and their bindings, in users' namespaces."""
OTHERS = ("Cluster.cluster.kubesphere.io", "DevOpsProject.devops.kubesphere.io", "Gateway.gateway.kubesphere.io")
"""Remembered to be read by people: giving them back takes credentials, or their own controllers' care."""


def recall(facts: Facts) -> Memory:
    """The memory of these facts. Nothing in it was a credential: those were digests already."""
    bonds = tuple(sorted(bond for world in facts.worlds for bond in _bonds(world)))
    tenancy = [o for key in (TEMPLATE, *ACCESS, *OTHERS) for o in facts.host.of(key) if o.labels.get(MANAGED) != "true"]
    objects = [_past(facts.host, obj) for obj in tenancy]
    objects += [_past(world, obj) for world in facts.worlds for obj in _of_namespaces(world)]
    return Memory(facts.taken, facts.host.identity, bonds, tuple(objects))


def _bonds(world: World) -> Iterable[Bond]:
    """KubeSphere's own namespaces and Kubernetes' are bound by its installer (ks-installer v3.3.1,
    roles/common/tasks/init-namespaces.yaml)."""
    installers = {entry.name for entry in catalogue.load().namespaces}
    for namespace in world.of("Namespace"):
        owner = workspace_owner(namespace)
        workspace = namespace.labels.get(LABEL) or (owner.name if owner else "")
        if workspace and namespace.name not in installers:
            there = world.get(WORKSPACE, workspace) is not None
            yield Bond(world.identity, namespace.name, namespace.uid, workspace, there)


def _of_namespaces(world: World) -> Iterable[Obj]:
    bound = {bond.namespace for bond in _bonds(world)}
    for key, proof in zip(NAMESPACED, (catalogue.role_proof, catalogue.role_binding_proof), strict=True):
        yield from (o for o in world.of(key) if o.namespace in bound and o.labels.get(MANAGED) != "true" and proof(o))


def _past(world: World, obj: Obj) -> Past:
    return Past(world.identity, obj.kind, _given(obj))


def _given(obj: Obj) -> Body:
    """Without finalizers and kubefed's label, which KubeSphere writes itself, nor the digest of a password."""
    body = image(obj.body)
    meta = {k: v for k, v in body["metadata"].items() if k != "finalizers"}
    if labels := meta.get("labels"):
        meta["labels"] = {k: v for k, v in labels.items() if k != MANAGED}
    if obj.kind.key == USER:
        spec = {k: v for k, v in obj.spec.items() if k != "password"}
        return {**body, "metadata": meta, "spec": spec}
    return {**body, "metadata": meta}


__all__ = ["ACCESS", "NAMESPACED", "OTHERS", "TEMPLATE", "USER", "WORKSPACE", "recall"]
