"""Users' workloads and data inside a namespace that an uninstall deletes."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

WORKLOADS = (
    *("Deployment.apps", "StatefulSet.apps", "DaemonSet.apps", "ReplicaSet.apps", "Pod", "ReplicationController"),
    *("Job.batch", "CronJob.batch", "Ingress.networking.k8s.io"),
)
VOLUMES = "PersistentVolumeClaim"


def telling(world: ClusterFacts) -> list[str]:
    """The types of which a user's object in a namespace can be told: workloads, claims, and other people's types."""
    others = [key for key, kind in world.kinds.items() if kind.namespaced and _other(kind.group)]
    return [*WORKLOADS, VOLUMES, *others]


def inhabitants(world: ClusterFacts, data: tuple[str, ...]) -> list[Obj]:
    """What of users' is in KubeSphere's namespaces; claims of the namespaces in `data` may go."""
    foreign = [o for key in telling(world) if key != VOLUMES for o in world.of(key) if _foreign(o)]
    return foreign + [o for o in world.of(VOLUMES) if _system(o) and o.namespace not in data]


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        if found := inhabitants(world, options.request.data):
            yield Finding(
                id="users-in-system-namespace",
                severity=Severity.WARNING,
                title=f"{len(found)} object(s) of {world.name} would go with KubeSphere's namespaces",
                evidence=tuple(Evidence(world.name, o.title, "metadata.namespace", o.namespace) for o in found),
                next="Deleting the namespace deletes them; a PersistentVolumeClaim takes its data along.",
                cure="Move what is yours elsewhere; let the data of a namespace go with --delete-data NAMESPACE.",
                blocks=("uninstall",),
            )


def _system(obj: Obj) -> bool:
    return catalogue.system_namespace(obj.namespace) is not None


def _foreign(obj: Obj) -> bool:
    """What an object of these namespaces owns has come with it, and goes with it."""
    return _system(obj) and not obj.owners and not catalogue.is_system_workload(obj.kind.key, obj.namespace, obj.name)


def _other(group: str) -> bool:
    """An API group that is neither Kubernetes' own nor KubeSphere's."""
    return "." in group and not group.endswith(".k8s.io") and not catalogue.own_group(group)
