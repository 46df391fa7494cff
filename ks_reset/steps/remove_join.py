"""Delete what the join left on each cluster: full-rights accounts of a host, with their roles and bindings.

The host's join writes them and no unjoin takes them away (kubesphere v3.3.1, pkg/controller/cluster/join.go).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import World
from ks_reset.steps.step import Ground, Removal, Step

WHY = "They allow everything on the cluster to whoever holds the host's copy of their token."
ROLES = ("ClusterRole.rbac.authorization.k8s.io", "Role.rbac.authorization.k8s.io")
BINDINGS = ("ClusterRoleBinding.rbac.authorization.k8s.io", "RoleBinding.rbac.authorization.k8s.io")


def removes(world: World, _: Ground) -> Iterable[Removal]:
    for key in BINDINGS:
        for obj in world.of(key):
            if proof := catalogue.join_binding_proof(obj):
                yield Removal(obj, proof)
    for key in ROLES:
        for obj in world.of(key):
            if proof := catalogue.join_role_proof(obj):
                yield Removal(obj, proof)


STEP = Step("remove-join", WHY, after=("prove-quiet", "remove-records"), removes=removes)
