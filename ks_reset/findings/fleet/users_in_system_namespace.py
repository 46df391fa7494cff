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
    """The types by which a namespace counts as inhabited: workloads, claims, and other people's types."""
    others = [key for key, kind in world.kinds.items() if kind.namespaced and _other(kind.group)]
    return [*WORKLOADS, VOLUMES, *others]


def inhabitants(world: ClusterFacts, data: tuple[str, ...]) -> list[Obj]:
    """Users' objects in KubeSphere's namespaces, except claims in the namespaces of `data`."""
    foreign = [o for key in telling(world) if key != VOLUMES for o in world.of(key) if _foreign(o)]
    return foreign + [o for o in world.of(VOLUMES) if _system(o) and o.namespace not in data]


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if objects := inhabitants(cluster, options.data):
            yield Finding(
                id="users-in-system-namespace",
                severity=Severity.WARNING,
                title=f"{len(objects)} object(s) of {cluster.name} would be deleted with KubeSphere's namespaces",
                evidence=tuple(Evidence(cluster.name, o.title, "metadata.namespace", o.namespace) for o in objects),
                next="Deleting the namespace deletes them; with a PersistentVolumeClaim its data is lost.",
                cure="Move them to another namespace; to give up the data in one, add --delete-data NAMESPACE.",
            )


def _system(obj: Obj) -> bool:
    return catalogue.system_namespace(obj.namespace) is not None


def _foreign(obj: Obj) -> bool:
    """Whether the object is a user's: in a system namespace, without owner, and no workload of KubeSphere's."""
    return _system(obj) and not obj.owners and not catalogue.is_system_workload(obj.kind.key, obj.namespace, obj.name)


def _other(group: str) -> bool:
    """An API group that is neither Kubernetes' own nor KubeSphere's."""
    return "." in group and not group.endswith(".k8s.io") and not catalogue.own_group(group)
