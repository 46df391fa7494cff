"""Users' workloads and data inside a namespace that an uninstall deletes."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import Evidence, Facts, Finding, Obj, Options, Severity, World

WORKLOADS = ("Deployment.apps", "StatefulSet.apps", "DaemonSet.apps", "CronJob.batch", "Ingress.networking.k8s.io")
VOLUMES = "PersistentVolumeClaim"


def inhabitants(world: World, data: tuple[str, ...]) -> list[Obj]:
    """What of users' is in KubeSphere's namespaces; claims of the namespaces in `data` may go."""
    foreign = [o for key in WORKLOADS for o in world.of(key) if _foreign(o)]
    return foreign + [o for o in world.of(VOLUMES) if _system(o) and o.namespace not in data]


def check(facts: Facts, options: Options) -> Iterable[Finding]:
    for world in facts.worlds:
        if found := inhabitants(world, options.data):
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
    return _system(obj) and not catalogue.is_system_workload(obj.kind.key, obj.namespace, obj.name)
