"""A memory of KubeSphere 3.x as 4.1 takes it; what cannot be carried over is said, object by object.

The mapping is the vendor's own where it has one (kubesphere/ks-upgrade, release-4.1, pkg/jobs/iam/types.go), but that
custom roles keep their rules, which the vendor empties, and bindings their groups, which the vendor drops.
"""

from collections.abc import Iterable

from msgspec import structs

from ks_reset.catalogue.names import CLUSTER_KEY, IAM_GROUP, TENANT_GROUP, WORKSPACE_TEMPLATE_KEY
from ks_reset.facts.workspaces import four
from ks_reset.model import BeforeImage, FleetFacts, Memory, Skipped
from ks_reset.tenancy.memory import ACCESS, NAMESPACED
from ks_reset.tenancy.to_v4 import roles, users, workspaces
from ks_reset.tenancy.to_v4.convert import Carry, Of, left

THREE = "v1alpha2"
"""The version of WorkspaceTemplate and of all of IAM in 3.x (kubesphere v3.3.1, staging/src/kubesphere.io/api)."""
CARRIED: dict[str, Carry] = {
    WORKSPACE_TEMPLATE_KEY: workspaces.template,
    f"User.{IAM_GROUP}": users.user,
    f"Group.{IAM_GROUP}": users.same,
    f"GroupBinding.{IAM_GROUP}": users.same,
    **{key: roles.role for key in (f"GlobalRole.{IAM_GROUP}", f"WorkspaceRole.{IAM_GROUP}", NAMESPACED[0])},
    **{
        key: roles.binding
        for key in (f"GlobalRoleBinding.{IAM_GROUP}", f"WorkspaceRoleBinding.{IAM_GROUP}", NAMESPACED[1])
    },
}
AS_IT_IS = (ACCESS[-1], CLUSTER_KEY)
"""quota.kubesphere.io/v1alpha2 and cluster.kubesphere.io/v1alpha1 are the same in 4.1 (kubesphere v4.1.3,
staging/src/kubesphere.io/api); a Cluster is remembered for the join alone, and the host's own is made by its host."""
LEFT = {
    "DevOpsProject": "DevOps is an extension of 4.1, which is installed by itself; the project's namespace stays",
    "Gateway": "gateways are an extension of 4.1, which reads no object of 3.x",
}


def moved(memory: Memory, facts: FleetFacts) -> Memory:
    """The memory in 4.1's form if it is of 3.x and the host serves 4.1's Workspaces; else just as it is."""
    old = any(past.kind.group in (TENANT_GROUP, IAM_GROUP) and past.kind.version == THREE for past in memory.objects)
    if not old or not four(facts.host):
        return memory
    found = [each for past in memory.objects for each in _carried(Of(memory, facts), past)]
    objects = {(p.cluster, p.kind.key, p.obj.namespace, p.obj.name): p for p in found if isinstance(p, BeforeImage)}
    said = tuple(each for each in found if isinstance(each, Skipped))
    return structs.replace(memory, objects=tuple(objects.values()), left=(*memory.left, *said))


def _carried(of: Of, past: BeforeImage) -> Iterable[BeforeImage | Skipped]:
    if carry := CARRIED.get(past.kind.key):
        return carry(of, past)
    if past.kind.key in AS_IT_IS:
        return [past]
    return [left(of, past, f"is left behind: {LEFT.get(past.kind.kind, '4.1 has nothing that takes it')}")]
