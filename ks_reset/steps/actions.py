"""Actions shared by several steps, made from facts."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.controllers import LEADER_ELECTIONS
from ks_reset.catalogue.names import (
    DEPLOYMENT_KIND,
    KUBEFED_CONTROLLER_MANAGER,
    KUBEFED_NAMESPACE,
    KUBESPHERE_NAMESPACE,
)
from ks_reset.model import (
    BeforeImage,
    ClusterFacts,
    Create,
    Kind,
    Obj,
    Scale,
    WaitQuiet,
    WaitStable,
    WatchWorkspaces,
)

DEFAULT_LEASE = 15
"""Seconds, for a lock that the catalogue does not have: the default of client-go v0.24, tools/leaderelection."""


def create_recorded(step: str, image: BeforeImage, why: str) -> Create:
    """Create an object as it was recorded. Metadata-only lists leave out the type, so it comes from the list's kind."""
    body = {**image.body, "apiVersion": image.kind.api_version, "kind": image.kind.kind}
    name, namespace = image.obj.name, image.obj.namespace
    return Create(step, image.cluster, image.kind, name, namespace, why=why, body=body, sealed=image.sealed)


def wait_stable(
    step: str,
    cluster: ClusterFacts,
    kind: Kind,
    name: str,
    why: str,
    *,
    namespace: str = "",
    seconds: int = 0,
    batch: int = 0,
) -> WaitStable:
    """Wait until an object exists and has kept its UID for so many seconds."""
    return WaitStable(step, cluster.identity, kind, name, namespace, why=why, seconds=seconds, batch=batch)


def scale_to(step: str, cluster: ClusterFacts, deployment: Obj, replicas: int, why: str) -> Scale:
    """Set the replicas of a Deployment."""
    return Scale.on(deployment, step, cluster.identity, why, replicas=replicas)


def wait_quiet(step: str, cluster: ClusterFacts, deployments: Iterable[Obj]) -> Iterable[WaitQuiet]:
    """Wait until these controllers have no pods and their locks were not renewed for longer than the lease."""
    why = "its lock must not be renewed for longer than its lease"
    for deployment in deployments:
        controller = catalogue.controller_name(deployment)
        lock = catalogue.leader_election_of(controller)
        seconds = (lock.lease_seconds if lock else DEFAULT_LEASE) + 1
        yield WaitQuiet.on(deployment, step, cluster.identity, why, seconds=seconds, runs=controller)


def wait_for_lock(step: str, cluster: ClusterFacts, program: str) -> WaitQuiet:
    """Wait for the lock of a controller whose Deployment is gone, in the namespace where it is installed."""
    namespace = KUBEFED_NAMESPACE if program == KUBEFED_CONTROLLER_MANAGER else KUBESPHERE_NAMESPACE
    seconds, why = LEADER_ELECTIONS[program].lease_seconds + 1, "a copy elsewhere would renew its lock"
    where = (step, cluster.identity, DEPLOYMENT_KIND, program, namespace)
    return WaitQuiet(*where, why=why, seconds=seconds, runs=program)


def watch_workspaces(
    step: str, cluster: ClusterFacts, deployment: Obj, seconds: int, why: str, through: tuple[str, ...] = ()
) -> WatchWorkspaces:
    """Watch the UIDs of all Workspaces for so many seconds while this kubefed works; `through` as for the action."""
    controller = catalogue.controller_name(deployment)
    return WatchWorkspaces.on(
        deployment, step, cluster.identity, why, seconds=seconds, runs=controller, through=through
    )


def is_served(cluster: ClusterFacts, image: BeforeImage) -> bool:
    """Whether a cluster serves the type of an object in the recorded version."""
    kind = cluster.kinds.get(image.kind.key)
    return kind is not None and kind.version == image.kind.version


def is_absent(cluster: ClusterFacts, image: BeforeImage) -> bool:
    """Whether a cluster has no object of this type, namespace and name."""
    return cluster.get(image.kind.key, image.obj.name, image.obj.namespace) is None
