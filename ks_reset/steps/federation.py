"""Pause kubefed while records are removed, resume it, and remove its own objects.

Where a member leaves, KubeSphere's controllers are paused too: the host joins every Cluster again, every
two minutes (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go). ks-apiserver only answers requests, and
devops-controller works with no record: both keep running. In those playbooks a controller stopped before stays
stopped; after the cure of an incident it is started.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    DEVOPS_CONTROLLER,
    FEDERATED_TYPE_CONFIG_KEY,
    KS_APISERVER,
    KUBEFED_CONTROLLER_MANAGER,
    NAMESPACE_KEY,
    REPLICAS_ANNOTATION,
)
from ks_reset.facts.controllers import replica_count
from ks_reset.facts.crds import is_federated, own_objects
from ks_reset.facts.kept import Kept
from ks_reset.facts.leader_locks import lone_locks
from ks_reset.facts.stray_controllers import stoppable_controllers
from ks_reset.model import Action, ClusterFacts, Marks, Obj, RemoveMarks
from ks_reset.steps.actions import scale_to, wait_for_lock, wait_quiet, watch_workspaces
from ks_reset.steps.records import records_of_leavers, remaining_records, stale_records
from ks_reset.steps.step import Removal, Step, StepContext

LEAVES = ("member", "record")
"""The scopes of playbooks in which a member leaves."""
WATCHED_SECONDS = 20
WITHOUT_RECORDS = (KS_APISERVER, DEVOPS_CONTROLLER)
"""The controllers that work with no record."""


def pausable_controllers(context: StepContext) -> list[Obj]:
    """The controllers of the host to pause while records are removed."""
    if context.scope in LEAVES:
        there = stoppable_controllers(context.facts.host)
        return [d for d in there if catalogue.controller_name(d) not in WITHOUT_RECORDS]
    return [d for d in stoppable_controllers(context.facts.host) if catalogue.is_kubefed_controller(d)]


def removes_record(context: StepContext) -> bool:
    """Whether the playbook removes a record."""
    stale = stale_records(context.facts.host, context.request)
    return bool(records_of_leavers(context) if context.scope in LEAVES else stale)


def pause_federation(context: StepContext) -> Iterable[Action]:
    host, step = context.facts.host, PAUSE_FEDERATION.name
    for deployment in pausable_controllers(context) if removes_record(context) else ():
        if replica_count(deployment) > 0:
            yield scale_to(step, host, deployment, 0, "it works with the records to be removed")
        elif context.scope not in LEAVES and REPLICAS_ANNOTATION not in deployment.annotations:
            yield scale_to(step, host, deployment, 0, "it was stopped before; this is noted, to start it later")


def prove_paused(context: StepContext) -> Iterable[Action]:
    if removes_record(context):
        host, there = context.facts.host, pausable_controllers(context)
        yield from wait_quiet(PROVE_PAUSED.name, host, there)
        programs = dict.fromkeys(lock.program for lock in lone_locks(host))
        for program in programs if context.scope in LEAVES else programs.keys() & {KUBEFED_CONTROLLER_MANAGER}:
            yield wait_for_lock(PROVE_PAUSED.name, host, program)


def resume_federation(context: StepContext) -> Iterable[Action]:
    """Start paused controllers with their earlier replicas, from the annotation.

    A detached host is a member read alone: its controllers were stopped for another reason.
    """
    is_member = context.facts.host in context.detached_clusters
    for deployment in () if is_member else pausable_controllers(context):
        earlier = int(deployment.annotations.get(REPLICAS_ANNOTATION, 0)) or replica_count(deployment)
        why = f"it had {earlier} replica(s)" if earlier else "it was stopped while the record existed"
        stays_stopped = context.scope in LEAVES and not replica_count(deployment)
        if REPLICAS_ANNOTATION in deployment.annotations or (removes_record(context) and not stays_stopped):
            yield scale_to(RESUME_FEDERATION.name, context.facts.host, deployment, earlier or 1, why)


def watch_federation(context: StepContext) -> Iterable[Action]:
    """The Workspaces of the host, and those of each other cluster that a removed record reached."""
    host, why, through = context.facts.host, "UIDs must stay the same while it works", remaining_records(context)
    for deployment in filter(catalogue.is_kubefed_controller, stoppable_controllers(host)):
        if removes_record(context) or replica_count(deployment):
            yield watch_workspaces(WATCH_WORKSPACES.name, host, deployment, WATCHED_SECONDS, why, through)


def remove_federated(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal]:
    """Federated objects and kubefed's records of propagated versions. Their targets stay; their ties are cut already.

    FederatedTypeConfigs go first: a kubefed started in between then finds no type to work on (kubefed v0.8.1,
    pkg/controller/federatedtypeconfig/controller.go). Deleted last, they would take the targets along.
    """
    kept = Kept(cluster, context.request)
    for obj in sorted(own_objects(cluster), key=lambda obj: obj.kind.key != FEDERATED_TYPE_CONFIG_KEY):
        if is_federated(obj) and not kept.is_of_kept_type(obj):
            yield Removal(obj, f"its API group {obj.kind.group} is kubefed's or KubeSphere's")


def release_finalizers(context: StepContext) -> Iterable[Action]:
    """Remove the finalizers of stopped controllers from everything to be deleted.

    Running kubefed to remove them would delete the targets in every cluster (kubefed v0.8.1,
    pkg/controller/sync/controller.go, ensureDeletion). Finalizers of others stay. KubeSphere's own namespaces also lose
    their owner here: their own step deletes them, not the deletion of a Workspace.
    """
    for cluster in context.facts.clusters:
        for obj in cluster.all():
            if context.is_removed(obj, cluster) and (marks := _blocking_marks(obj)):
                why = f"no running controller removes {', '.join(marks.finalizers)}"
                yield RemoveMarks.on(obj, RELEASE_FINALIZERS.name, cluster.identity, why, marks=marks)


def _blocking_marks(obj: Obj) -> Marks:
    marks = catalogue.removable_marks(obj)
    return Marks(finalizers=marks.finalizers, owners=marks.owners if obj.kind.key == NAMESPACE_KEY else ())


PAUSE_FEDERATION = Step(
    "pause-federation",
    "A running kubefed reacts to the deletion of a record; after a restart it only sees the records that are left.",
    after=("fasten-seatbelt",),
    actions=pause_federation,
)
PROVE_PAUSED = Step(
    "prove-paused",
    "A second kubefed elsewhere would still renew the lock, and react.",
    after=("pause-federation",),
    actions=prove_paused,
)
RESUME_FEDERATION = Step(
    "resume-federation",
    "With one record a cluster, kubefed works correctly; stopped, it would leave the federation unattended.",
    after=("remove-stale-record|forget-records",),
    actions=resume_federation,
)
WATCH_WORKSPACES = Step(
    "watch-workspaces",
    "The cure is proven by the UIDs of the Workspaces, which changed every few seconds before.",
    after=("resume-federation",),
    actions=watch_federation,
)
REMOVE_FEDERATED = Step(
    "remove-federated",
    "With kubefed stopped and the finalizers removed, deleting a federated object changes no target.",
    after=("prove-quiet", "sever", "release-finalizers"),
    removes=remove_federated,
)
RELEASE_FINALIZERS = Step(
    "release-finalizers",
    "A running kubefed deletes the targets of a federated object with it; without its finalizer only that object goes.",
    after=("prove-quiet", "remove-webhooks", "sever"),
    actions=release_finalizers,
)
