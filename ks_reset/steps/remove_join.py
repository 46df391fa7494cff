"""Delete what a join left on each cluster: full-rights accounts of a host, with their roles and bindings.

The host's join writes them and no unjoin takes them away (kubesphere v3.3.1, pkg/controller/cluster/join.go). Only
accounts of this host's records, and of hosts that the operator knows to be gone; another host's stay.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.join_accounts import joins, own
from ks_reset.model import ClusterFacts, Obj, Skipped
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "They allow everything on the cluster to whoever holds the host's copy of their token."
GROUP = "rbac.authorization.k8s.io"
HOME = "kube-federation-system"
TOKEN = "kubernetes.io/service-account.name"  # noqa: S105
AGENT = "cluster-agent"


def removes(world: ClusterFacts, ground: StepContext) -> Iterable[Removal | Skipped]:
    accounts = own(ground.facts, world, ground.options) | set(ground.options.gone)
    detached = world in ground.detached
    if ground.scope == "member" and not detached:
        return
    if detached:
        yield from _accounts(world, accounts)
    for key in (f"ClusterRoleBinding.{GROUP}", f"ClusterRole.{GROUP}"):
        for obj in world.of(key):
            proof = catalogue.join_proof(obj, accounts)
            if proof := proof or (None if detached else _kubesphere(obj)):
                yield Removal(obj, proof)
    if detached:
        yield from _home(world, accounts)


def _kubesphere(obj: Obj) -> str | None:
    return catalogue.join_binding_proof(obj) or catalogue.join_role_proof(obj)


def _accounts(world: ClusterFacts, accounts: set[str]) -> Iterable[Removal | Skipped]:
    """The accounts themselves, before the bindings that tell where they are."""
    homes = {join.namespace for join in joins(world) if join.account in accounts} | {HOME}
    for obj in world.of("ServiceAccount"):
        if obj.name in accounts and obj.namespace in homes:
            yield Removal(obj, "the account of the join")
    for obj in world.of("Secret"):
        if obj.namespace in homes and obj.annotations.get(TOKEN) in accounts:
            yield Removal(obj, f"the token of {obj.annotations[TOKEN]}")


def _home(world: ClusterFacts, accounts: set[str]) -> Iterable[Removal | Skipped]:
    """The namespace that joins use, once nobody else does."""
    home = world.get("Namespace", HOME)
    if home and not any(_lives(obj, accounts) for obj in world.all() if obj.namespace == HOME):
        yield Removal(home, "the join made it, and nobody else uses it")
    if agent := world.get("Deployment.apps", AGENT, "kubesphere-system"):
        yield Skipped(
            world.name, agent.title, "it connects to the proxy of a host; delete it once that is not this way in"
        )


def _lives(obj: Obj, accounts: set[str]) -> bool:
    """Whether this is more than what every namespace has, and what goes."""
    if obj.kind.key == "ServiceAccount":
        return obj.name not in ("default", *accounts)
    return obj.name != "kube-root-ca.crt" and obj.annotations.get(TOKEN) not in ("default", *accounts)


STEP = Step(
    "remove-join",
    WHY,
    after=("prove-quiet|prove-paused", "remove-records|forget-records"),
    removes=removes,
    detaches=True,
)
