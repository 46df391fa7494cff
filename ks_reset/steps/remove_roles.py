"""Delete the roles and bindings that are provably KubeSphere's, in users' namespaces and cluster-wide.

A name is no proof. A Role that somebody else's binding uses stays, without KubeSphere's marks; so does whatever
cannot be proven.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import ClusterFacts, Obj, Skipped
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "They grant rights to accounts that are gone; only what is provably KubeSphere's is touched."
GROUP = "rbac.authorization.k8s.io"
REQUEST = "CertificateSigningRequest.certificates.k8s.io"


def removes(world: ClusterFacts, _: StepContext) -> Iterable[Removal | Skipped]:
    proven = [(o, catalogue.cluster_role_binding_proof(o)) for o in world.of(f"ClusterRoleBinding.{GROUP}")]
    proven += [(o, catalogue.role_binding_proof(o)) for o in world.of(f"RoleBinding.{GROUP}")]
    yield from (Removal(obj, proof) for obj, proof in proven if proof)
    yield from _roles(world)
    for obj in world.of(REQUEST):
        if "kubesphere.io/username" in obj.labels:
            yield Removal(obj, "label kubesphere.io/username: KubeSphere made it, with a private key in an annotation")


def _roles(world: ClusterFacts) -> Iterable[Removal | Skipped]:
    bindings = [*world.of(f"RoleBinding.{GROUP}"), *world.of(f"ClusterRoleBinding.{GROUP}")]
    for obj in (*world.of(f"ClusterRole.{GROUP}"), *world.of(f"Role.{GROUP}")):
        proof = _proof(obj)
        foreign = catalogue.foreign_bindings(obj, bindings) if proof else ()
        if proof and foreign:
            yield Skipped(
                world.name, obj.title, f"bound by {', '.join(b.name for b in foreign)}, which is not KubeSphere's"
            )
        elif proof:
            yield Removal(obj, proof)


def _proof(obj: Obj) -> str | None:
    return catalogue.cluster_role_proof(obj) if obj.kind.kind == "ClusterRole" else catalogue.role_proof(obj)


STEP = Step("remove-roles", WHY, after=("prove-quiet", "remove-tenants"), removes=removes)
