"""Bind a canary to every Workspace, on every cluster, before any business namespace; watch it; delete it.

KubeSphere's informers list everything again every 10 minutes (kubesphere v3.3.1, pkg/informers/informers.go,
defaultResync), its cluster controller every 2 (pkg/simple/client/multicluster/options.go, DefaultResyncPeriod);
kubefed checks its clusters every 10 s (kubefed v0.8.1, pkg/controller/kubefedcluster/controller.go).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CANARY_LABEL, DEPLOYMENT_KIND, NAMESPACE_KEY, NAMESPACE_KIND, WORKSPACE_KEY
from ks_reset.catalogue.ownership import is_canary
from ks_reset.facts.workspaces import membership_labels
from ks_reset.model import Action, BeforeImage, ClusterFacts, Delete
from ks_reset.steps.actions import create_recorded, is_absent, wait_stable
from ks_reset.steps.step import Step, StepContext
from ks_reset.tenancy import canary
from ks_reset.tenancy.memberships import workspaces_needing_canaries

WATCHED_SECONDS = 660
"""Longer than the longest resync of any controller."""


def send_canaries(context: StepContext) -> Iterable[Action]:
    for cluster, workspace in workspaces_needing_canaries(context.facts, context.material.memory):
        for kind, body in canary.canary_objects(workspace, membership_labels(cluster, workspace)):
            image = BeforeImage(cluster.identity, kind, body)
            if is_absent(cluster, image):
                yield create_recorded(SEND_CANARIES.name, image, f"it is bound to {workspace} first")


def watch_canaries(context: StepContext) -> Iterable[Action]:
    step, seconds = WATCH_CANARIES.name, context.request.watch or WATCHED_SECONDS
    for cluster, workspace in workspaces_needing_canaries(context.facts, context.material.memory):
        if kind := cluster.kinds.get(WORKSPACE_KEY):
            yield wait_stable(step, cluster, kind, workspace, "its UID must not change", seconds=seconds)
        home = canary.canary_namespace(workspace)
        why = "the canary must stay, and stay bound"
        yield wait_stable(step, cluster, NAMESPACE_KIND, home, why, seconds=seconds)
        why = "the workload in it must stay"
        yield wait_stable(step, cluster, DEPLOYMENT_KIND, canary.INSIDE, why, namespace=home, seconds=seconds)


def remove_canaries(context: StepContext) -> Iterable[Action]:
    """Without a UID, since the plan names canaries before they exist; ks-reset's own label identifies them."""
    planned = (
        workspaces_needing_canaries(context.facts, context.material.memory) if "send-canaries" in context.steps else []
    )
    for cluster in context.facts.clusters:
        canaries = {o.name: o.labels[CANARY_LABEL] for o in cluster.of(NAMESPACE_KEY) if is_canary(o)}
        canaries |= {canary.canary_namespace(workspace): workspace for where, workspace in planned if where is cluster}
        yield from (_delete_canary(cluster, name, workspace) for name, workspace in sorted(canaries.items()))


def _delete_canary(cluster: ClusterFacts, name: str, workspace: str) -> Delete:
    why = f"the canary of {workspace}"
    return Delete(REMOVE_CANARIES.name, cluster.identity, NAMESPACE_KIND, name, why=why)


SEND_CANARIES = Step(
    "send-canaries",
    "What deletes Workspaces deletes the namespace of the canary first, before any business namespace is bound.",
    after=("await-workspaces",),
    actions=send_canaries,
)
WATCH_CANARIES = Step(
    "watch-canaries",
    "A Workspace that is recreated even once would have deleted its namespaces; the watch shows it before they exist.",
    after=("send-canaries",),
    actions=watch_canaries,
)
REMOVE_CANARIES = Step(
    "remove-canaries",
    "A canary belongs to ks-reset alone and must not stay behind.",
    after=("rebind-namespaces|unbind",),
    actions=remove_canaries,
)
