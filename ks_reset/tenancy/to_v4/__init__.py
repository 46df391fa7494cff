"""Convert a memory of KubeSphere 3.x for 4.1; each object or part without a counterpart is listed as skipped.

The mapping is the vendor's where it has one (kubesphere/ks-upgrade, release-4.1, pkg/jobs/iam/types.go), with two
exceptions: custom roles keep their rules (the vendor empties them), and bindings their groups (the vendor drops them).
"""

from collections.abc import Iterable

from msgspec import structs

from ks_reset.catalogue.names import CLUSTER_KEY, IAM_GROUP, TENANT_GROUP, WORKSPACE_TEMPLATE_KEY
from ks_reset.facts.workspaces import serves_v4
from ks_reset.model import BeforeImage, FleetFacts, Memory, Skipped
from ks_reset.tenancy.memory import ACCESS_KEYS, NAMESPACED_KEYS
from ks_reset.tenancy.to_v4 import roles, users, workspaces
from ks_reset.tenancy.to_v4.convert import Conversion, Convert, skipped_object

V3_VERSION = "v1alpha2"
"""The version of WorkspaceTemplate and of all of IAM in 3.x (kubesphere v3.3.1, staging/src/kubesphere.io/api)."""
CONVERSIONS: dict[str, Convert] = {
    WORKSPACE_TEMPLATE_KEY: workspaces.convert_template,
    f"User.{IAM_GROUP}": users.convert_user,
    f"Group.{IAM_GROUP}": users.convert_version,
    f"GroupBinding.{IAM_GROUP}": users.convert_version,
    **{
        key: roles.convert_role for key in (f"GlobalRole.{IAM_GROUP}", f"WorkspaceRole.{IAM_GROUP}", NAMESPACED_KEYS[0])
    },
    **{
        key: roles.convert_binding
        for key in (f"GlobalRoleBinding.{IAM_GROUP}", f"WorkspaceRoleBinding.{IAM_GROUP}", NAMESPACED_KEYS[1])
    },
}
UNCHANGED_KEYS = (ACCESS_KEYS[-1], CLUSTER_KEY)
"""quota.kubesphere.io/v1alpha2 and cluster.kubesphere.io/v1alpha1 are the same in 4.1 (kubesphere v4.1.3,
staging/src/kubesphere.io/api); a Cluster is recorded only for the join, and a host creates its own Cluster."""
SKIPPED = {
    "DevOpsProject": "DevOps is an extension of 4.1, installed separately; the project's namespace stays",
    "Gateway": "gateways are an extension of 4.1; it does not read objects of 3.x",
}


def convert_memory(memory: Memory, facts: FleetFacts) -> Memory:
    """The memory converted for 4.1 if it is of 3.x and the host serves 4.1's Workspaces; else unchanged."""
    is_v3 = any(
        past.kind.group in (TENANT_GROUP, IAM_GROUP) and past.kind.version == V3_VERSION for past in memory.objects
    )
    if not is_v3 or not serves_v4(facts.host):
        return memory
    results = [result for past in memory.objects for result in _convert_object(Conversion(memory, facts), past)]
    objects = {(p.cluster, p.kind.key, p.obj.namespace, p.obj.name): p for p in results if isinstance(p, BeforeImage)}
    skipped = tuple(result for result in results if isinstance(result, Skipped))
    return structs.replace(memory, objects=tuple(objects.values()), left=(*memory.left, *skipped))


def _convert_object(of: Conversion, past: BeforeImage) -> Iterable[BeforeImage | Skipped]:
    if convert := CONVERSIONS.get(past.kind.key):
        return convert(of, past)
    if past.kind.key in UNCHANGED_KEYS:
        return [past]
    return [skipped_object(of, past, f"is not converted: {SKIPPED.get(past.kind.kind, '4.1 has no counterpart')}")]
