"""Delete what a join left on each cluster: full-rights accounts of a host, with their roles and bindings.

The host's join writes them and no unjoin takes them away (kubesphere v3.3.1, pkg/controller/cluster/join.go). Only
accounts of this host's records, and of hosts that the operator knows to be gone; another host's stay.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.joins import joins, own
from ks_reset.model import Kept, Obj, World
from ks_reset.steps.step import Ground, Removal, Step

WHY = "They allow everything on the cluster to whoever holds the host's copy of their token."
GROUP = "rbac.authorization.k8s.io"
HOME = "kube-federation-system"
TOKEN = "kubernetes.io/service-account.name"  # noqa: S105
AGENT = "cluster-agent"


def removes(world: World, ground: Ground) -> Iterable[Removal | Kept]:
    accounts = own(ground.facts, world, ground.options) | set(ground.options.gone)
    detached = world in ground.detached
    if ground.scope == "member" and not detached:
        return
    for key in (f"ClusterRoleBinding.{GROUP}", f"ClusterRole.{GROUP}"):
        for obj in world.of(key):
            proof = catalogue.join_proof(obj, accounts)
            if proof := proof or (None if detached else _kubesphere(obj)):
                yield Removal(obj, proof)
    if detached:
        yield from _accounts(world, accounts)


def _kubesphere(obj: Obj) -> str | None:
    return catalogue.join_binding_proof(obj) or catalogue.join_role_proof(obj)


def _accounts(world: World, accounts: set[str]) -> Iterable[Removal | Kept]:
    """The accounts themselves, and their namespace once nobody else uses it."""
    homes = {join.namespace for join in joins(world) if join.account in accounts} | {HOME}
    gone = [o for o in world.of("ServiceAccount") if o.name in accounts and o.namespace in homes]
    tokens = [o for o in world.of("Secret") if o.namespace in homes and o.annotations.get(TOKEN) in accounts]
    yield from (Removal(obj, f"the account of the join {obj.name}") for obj in gone)
    yield from (Removal(obj, f"the token of {obj.annotations[TOKEN]}") for obj in tokens)
    home = world.get("Namespace", HOME)
    if home and not any(_lives(obj, [*gone, *tokens]) for obj in world.all() if obj.namespace == HOME):
        yield Removal(home, "the join made it, and nobody else uses it")
    if agent := world.get("Deployment.apps", AGENT, "kubesphere-system"):
        yield Kept(
            world.name, agent.title, "it connects to the proxy of a host; delete it once that is not this way in"
        )


def _lives(obj: Obj, gone: list[Obj]) -> bool:
    """Whether this is more than what every namespace has, and what goes."""
    given = obj.name in ("default", "kube-root-ca.crt") or obj.annotations.get(TOKEN) == "default"
    return obj not in gone and not given


STEP = Step(
    "remove-join",
    WHY,
    after=("prove-quiet|prove-paused", "remove-records|forget-records"),
    removes=removes,
    detaches=True,
)
