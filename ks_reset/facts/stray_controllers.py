"""KubeSphere's and kubefed's controllers without a Deployment; they react all the same.

`kubectl delete deployment --cascade=orphan` leaves the ReplicaSet with its Pods, and so does a broken
garbage collector; a person may have started a Pod by hand. A Pod selected by a controller's Deployment is not among
them: it is stopped and waited for with that Deployment.
"""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    DEPLOYMENT_KEY,
    POD_KEY,
    REPLICA_SET_KEY,
    REPLICAS_ANNOTATION,
    STATEFUL_SET_KEY,
)
from ks_reset.facts.controllers import kubefed_controllers, reacting_controllers, replica_count
from ks_reset.facts.label_selectors import selector_matches
from ks_reset.model import ClusterFacts, Obj

RUNNERS = (DEPLOYMENT_KEY, *catalogue.STRAY_KEYS)
"""All lists in which a controller is looked for, by `Kind.key`."""
SCALED_KEYS = (REPLICA_SET_KEY, STATEFUL_SET_KEY)
ENDED = ("Succeeded", "Failed")
"""The phases of a Pod without a process (kubernetes v1.24.17, staging/src/k8s.io/api/core/v1/types.go, PodPhase)."""


class Strays(Struct, frozen=True):
    """Each controller by its topmost object, in stopping order.

    `stoppable` are workloads with replicas set by nothing else, now or before a plan stopped them, `unstoppable` all
    others; `running` those of both with a process or replicas.
    """

    stoppable: tuple[Obj, ...] = ()
    unstoppable: tuple[Obj, ...] = ()
    running: tuple[Obj, ...] = ()


def stray_controllers(cluster: ClusterFacts) -> Strays:
    """The controllers of a cluster without a Deployment."""
    return cluster.once(_find_strays)


def running_kubefeds(cluster: ClusterFacts) -> list[Obj]:
    """The runners of kubefed's controller on a cluster: Deployments with replicas, and those without a Deployment."""
    strays = [obj for obj in stray_controllers(cluster).running if catalogue.is_kubefed_controller(obj)]
    return [*(d for d in kubefed_controllers(cluster) if replica_count(d)), *strays]


def stoppable_controllers(cluster: ClusterFacts) -> list[Obj]:
    """The objects to scale to stop controllers: their Deployments, and the strays it can stop, in stopping order."""
    return sorted((*reacting_controllers(cluster), *stray_controllers(cluster).stoppable), key=catalogue.stop_rank)


def running_places(cluster: ClusterFacts) -> list[tuple[str, str, str]]:
    """`Kind.key`, namespace and name of every runner of a controller: Deployments with replicas, then the strays."""
    deployments = [d for d in reacting_controllers(cluster) if replica_count(d) > 0]
    return [(o.kind.key, o.namespace, o.name) for o in (*deployments, *stray_controllers(cluster).running)]


def runs_program(cluster: ClusterFacts, programs: Iterable[str]) -> bool:
    """Whether one of these programs runs: a Deployment with replicas in any namespace, or a controller without one.

    A Deployment with only the name of a program counts too, since a mirror may rename its image. It does not for a
    program with a leader-election lock: the step prove-gone sees whether it is renewed.
    """
    wanted = set(programs)
    named = {program for program in wanted if catalogue.leader_election_of(program) is None}
    if any(catalogue.controller_name(stray) in wanted for stray in stray_controllers(cluster).running):
        return True
    return any(
        replica_count(d) > 0
        for d in cluster.of(DEPLOYMENT_KEY)
        if catalogue.program_name(d) in wanted or d.name in named
    )


def _find_strays(cluster: ClusterFacts) -> Strays:
    runners = {obj.uid: obj for key in RUNNERS for obj in cluster.of(key)}
    found = [
        obj for obj in runners.values() if obj.kind.key != DEPLOYMENT_KEY and catalogue.is_reacting_controller(obj)
    ]
    scaled = [obj for obj in found if obj.kind.key in SCALED_KEYS]
    scaled = [obj for obj in scaled if replica_count(obj) or REPLICAS_ANNOTATION in obj.annotations]
    pods = [obj for obj in found if obj.kind.key == POD_KEY and _phase(obj) not in ENDED]
    alive = {top.uid: top for top in (_topmost(cluster, runners, pod) for pod in pods) if top}
    tops = {top.uid: top for top in (_topmost(cluster, runners, obj) for obj in scaled) if top} | alive
    strays = sorted(tops.values(), key=catalogue.stop_rank)
    stoppable = tuple(obj for obj in strays if obj in scaled and not _has_other_owner(obj))
    return Strays(
        stoppable,
        tuple(obj for obj in strays if obj not in stoppable),
        tuple(obj for obj in strays if obj.uid in alive or (obj.kind.key in SCALED_KEYS and replica_count(obj))),
    )


def _phase(pod: Obj) -> str:
    return str((pod.body.get("status") or {}).get("phase", ""))


def _topmost(cluster: ClusterFacts, runners: dict[str, Obj], obj: Obj) -> Obj | None:
    """The topmost present owner of an object with a controller, or itself; None below a Deployment."""
    chain = [obj]
    for current in chain:  # grows meanwhile
        chain += [owner for o in current.owners if (owner := runners.get(o.uid)) and owner not in chain]
    if any(each.kind.key == DEPLOYMENT_KEY for each in chain) or _is_selected(cluster, obj):
        return None
    return [each for each in chain if catalogue.is_reacting_controller(each)][-1]


def _has_other_owner(workload: Obj) -> bool:
    """Whether an owner may set the replicas, such as a resource of an operator; a Deployment is gone."""
    return any(f"{owner.kind}.{owner.group}" != DEPLOYMENT_KEY for owner in workload.owners)


def _is_selected(cluster: ClusterFacts, obj: Obj) -> bool:
    """Whether a controller's Deployment beside it has it among its Pods, by labels."""
    return any(
        deployment.namespace == obj.namespace
        and catalogue.is_reacting_controller(deployment)
        and (selector := deployment.spec.get("selector"))
        and selector_matches(selector, obj.labels)
        for deployment in cluster.of(DEPLOYMENT_KEY)
    )
