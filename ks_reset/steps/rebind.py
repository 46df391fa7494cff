"""Give namespaces back to their Workspaces: templates, Workspaces, namespaces in growing batches, then access.

Only labels are written on a namespace: up to 4.1.2 KubeSphere's controller makes the Workspace its owner, from
4.1.3 on it creates roles and adds its finalizer (kubesphere, pkg/controller/namespace/namespace_controller.go).
"""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from ks_reset.catalogue.names import NAMESPACE_KEY, USER_KEY, WORKSPACE_KEY, WORKSPACE_TEMPLATE_KEY
from ks_reset.credentials.recorded import digest_fields
from ks_reset.facts.workspaces import membership_labels
from ks_reset.model import Action, AddMarks, BeforeImage, ClusterFacts, Marks, Membership, Memory, Skipped
from ks_reset.steps.actions import create_recorded, is_absent, is_served, wait_stable
from ks_reset.steps.step import Step, StepContext
from ks_reset.tenancy.memberships import (
    in_batches,
    pending_memberships,
    reason_not_bindable,
    workspaces_needing_canaries,
)
from ks_reset.tenancy.memory import ACCESS_KEYS, NAMESPACED_KEYS

WATCHED_SECONDS = 30
"""Seconds after a batch: kubefed's check of its clusters, and the time in which a Workspace is recreated."""
ORDER = (*ACCESS_KEYS, *NAMESPACED_KEYS)


def give_workspaces(context: StepContext) -> Iterable[Action | Skipped]:
    """The absent WorkspaceTemplates; KubeSphere creates their Workspaces.

    kubesphere v3.3.1, pkg/controller/workspacetemplate/workspacetemplate_controller.go.
    """
    facts, memory = context.facts, context.material.memory or Memory("")
    for image in memory.objects:
        if image.kind.key == WORKSPACE_TEMPLATE_KEY and is_absent(facts.host, image):
            if is_served(facts.host, image):
                yield create_recorded(GIVE_WORKSPACES.name, image, "it existed before")
            else:
                yield Skipped(facts.host.name, image.obj.title, f"{image.kind.api_version} is not served here")
    for bond in memory.bonds:
        if why := reason_not_bindable(facts, memory, bond):
            cluster = facts.cluster(bond.cluster)
            name = cluster.name if cluster else bond.cluster
            yield Skipped(name, f"Namespace {bond.namespace}", f"is not bound: {why}")


def await_workspaces(context: StepContext) -> Iterable[Action]:
    for cluster, workspace in workspaces_needing_canaries(context.facts, context.material.memory):
        if kind := cluster.kinds.get(WORKSPACE_KEY):
            yield wait_stable(AWAIT_WORKSPACES.name, cluster, kind, workspace, "namespaces are to be bound to it")


def rebind_first(context: StepContext) -> Iterable[Action]:
    for cluster in context.facts.clusters:
        yield from _bind_pending(REBIND_FIRST.name, context, cluster, first=True)


def rebind_namespaces(context: StepContext) -> Iterable[Action]:
    """All but the first, in batches, each twice as large as the one before and watched before the next."""
    for cluster in context.facts.clusters:
        yield from _bind_pending(REBIND_NAMESPACES.name, context, cluster, first=False)


def _bind_pending(step: str, context: StepContext, cluster: ClusterFacts, *, first: bool) -> Iterable[Action]:
    """Bind the pending namespaces of one cluster: those of the first batch, or of all others."""
    memory = context.material.memory
    waiting = set(pending_memberships(context.facts, memory))
    mine = [
        (batch, bond)
        for batch, bond in (in_batches(memory) if memory else ())
        if bond.cluster == cluster.identity and bond in waiting and (batch == 0) == first
    ]
    for batch, group in groupby(mine, itemgetter(0)):
        bonds = [bond for _, bond in group]
        yield from (_bind_namespace(step, cluster, bond) for bond in bonds)
        yield from _watch_batch(step, context, cluster, bonds, batch)


def _bind_namespace(step: str, cluster: ClusterFacts, bond: Membership) -> AddMarks:
    namespace = cluster.get(NAMESPACE_KEY, bond.namespace)
    assert namespace is not None, "a pending namespace exists"
    labels = {k: v for k, v in membership_labels(cluster, bond.workspace).items() if namespace.labels.get(k) != v}
    why = f"it belonged to {bond.workspace}"
    return AddMarks.on(namespace, step, cluster.identity, why, marks=Marks(labels=labels))


def _watch_batch(
    step: str, context: StepContext, cluster: ClusterFacts, bonds: list[Membership], batch: int
) -> Iterable[Action]:
    kind = cluster.kinds.get(WORKSPACE_KEY)
    seconds = min(context.request.watch or WATCHED_SECONDS, WATCHED_SECONDS)
    why = f"{len(bonds)} more namespace(s) hang on the Workspaces of {cluster.name}"
    for workspace in sorted({bond.workspace for bond in bonds if bond.there}):
        if kind:
            yield wait_stable(step, cluster, kind, workspace, why, seconds=seconds, batch=batch)


def give_access(context: StepContext) -> Iterable[Action | Skipped]:
    """The absent users, roles, bindings and quotas. Passwords are not remembered outside a vault."""
    memory = context.material.memory
    yield from memory.left if memory else ()
    images = [image for image in memory.objects if image.kind.key in ORDER] if memory else []
    for image in sorted(images, key=lambda image: ORDER.index(image.kind.key)):
        cluster = context.facts.cluster(image.cluster)
        if cluster is None or not is_absent(cluster, image) or not _has_namespace(cluster, image):
            continue
        if why := _why_other_namespace(cluster, image, memory) or _why_not_created(cluster, image):
            yield Skipped(cluster.name, image.obj.title, why)
            continue
        yield create_recorded(GIVE_ACCESS.name, image, "it existed before")
        if image.kind.key == USER_KEY and not image.sealed:
            why = "comes back without its password: an administrator sets a new one"
            yield Skipped(cluster.name, image.obj.title, why)


def _has_namespace(cluster: ClusterFacts, image: BeforeImage) -> bool:
    """Whether the namespace of the object exists, or it is in none."""
    return not image.obj.namespace or cluster.get(NAMESPACE_KEY, image.obj.namespace) is not None


def _why_other_namespace(cluster: ClusterFacts, image: BeforeImage, memory: Memory | None) -> str:
    """Why the namespace of the object is not the remembered one; "" if it is, or the memory does not hold its UID."""
    namespace = cluster.get(NAMESPACE_KEY, image.obj.namespace) if image.obj.namespace else None
    bonds = memory.bonds if memory else ()
    uids = {bond.uid for bond in bonds if (bond.cluster, bond.namespace) == (image.cluster, image.obj.namespace)}
    if namespace is None or not uids or namespace.uid in uids:
        return ""
    return f"is not given back: its namespace was recreated, with the UID {namespace.uid} in place of {min(uids)}"


def _why_not_created(cluster: ClusterFacts, image: BeforeImage) -> str:
    if not is_served(cluster, image):
        return f"is not given back: {image.kind.api_version} is not served here"
    missing = "" if image.sealed else ", ".join(digest_fields(image.body))
    return f"is not given back: of {missing} only a digest was recorded" if missing else ""


GIVE_WORKSPACES = Step(
    "give-workspaces",
    "A namespace can only be bound to a Workspace that exists.",
    after=("fasten-seatbelt",),
    actions=give_workspaces,
)
AWAIT_WORKSPACES = Step(
    "await-workspaces",
    "KubeSphere and kubefed take time to create Workspaces; a namespace labelled before that is not bound.",
    after=("give-workspaces",),
    actions=await_workspaces,
)
REBIND_FIRST = Step(
    "rebind-first",
    "One namespace is the smallest possible risk, after the canary has shown that the risk is small.",
    after=("watch-canaries",),
    actions=rebind_first,
)
REBIND_NAMESPACES = Step(
    "rebind-namespaces",
    "A fault that shows only under load shows while few namespaces are bound, and they can be unbound.",
    after=("rebind-first",),
    actions=rebind_namespaces,
)
GIVE_ACCESS = Step(
    "give-access",
    "Users get their access to a Workspace back; objects that KubeSphere has created meanwhile are left as they are.",
    after=("rebind-namespaces",),
    actions=give_access,
)
