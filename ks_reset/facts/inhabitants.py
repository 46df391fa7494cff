"""Users' workloads and data inside KubeSphere's own namespaces."""

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CRON_JOB_KEY,
    DAEMON_SET_KEY,
    DEPLOYMENT_KEY,
    INGRESS_KEY,
    JOB_KEY,
    PERSISTENT_VOLUME_CLAIM_KEY,
    POD_KEY,
    REPLICA_SET_KEY,
    REPLICATION_CONTROLLER_KEY,
    STATEFUL_SET_KEY,
)
from ks_reset.facts.contents import Accounts, Whose, is_given_up
from ks_reset.model import ClusterFacts, Obj, Request

WORKLOADS = (
    *(DEPLOYMENT_KEY, STATEFUL_SET_KEY, DAEMON_SET_KEY, REPLICA_SET_KEY, POD_KEY, REPLICATION_CONTROLLER_KEY),
    *(JOB_KEY, CRON_JOB_KEY, INGRESS_KEY),
)
VOLUMES = PERSISTENT_VOLUME_CLAIM_KEY


def users_object_keys(world: ClusterFacts) -> list[str]:
    """The `Kind.key` of every namespaced type that holds users' objects: workloads, claims, third-party types."""
    others = [key for key, kind in world.kinds.items() if kind.namespaced and _is_third_party(kind.group)]
    return [*WORKLOADS, VOLUMES, *others]


def content_keys(world: ClusterFacts) -> list[str]:
    """The `Kind.key` of every namespaced type that was read."""
    return [key for key, kind in world.kinds.items() if kind.namespaced and key in world.objects]


def users_objects_in_system_namespaces(
    world: ClusterFacts, data: tuple[str, ...], discard: tuple[str, ...] = ()
) -> list[Obj]:
    """Users' objects in KubeSphere's namespaces, without those given up: claims in `data`, and what `discard` names."""
    accounts, request = Accounts(world), Request(discard=discard)
    foreign = [
        o
        for key in users_object_keys(world)
        if key != VOLUMES
        for o in world.of(key)
        if _is_foreign(world, o) and accounts.of(o).whose is Whose.UNKNOWN and not is_given_up(o, request)
    ]
    return foreign + [o for o in world.of(VOLUMES) if _in_system_namespace(world, o) and o.namespace not in data]


def _in_system_namespace(world: ClusterFacts, obj: Obj) -> bool:
    return catalogue.own_namespace(world, obj.namespace) is not None


def _is_foreign(world: ClusterFacts, obj: Obj) -> bool:
    """True for an object in a system namespace without an owner and not part of KubeSphere.

    Owned objects are left out: they came with their owner and go with it.
    """
    delivered = catalogue.is_system_workload(obj.kind.key, obj.namespace, obj.name)
    return _in_system_namespace(world, obj) and not obj.owners and not delivered


def _is_third_party(group: str) -> bool:
    """True for an API group that belongs neither to Kubernetes nor to KubeSphere."""
    return "." in group and not group.endswith(".k8s.io") and not catalogue.is_own_group(group)
