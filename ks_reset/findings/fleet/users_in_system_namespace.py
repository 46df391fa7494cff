"""Users' workloads and data inside a namespace that an uninstall deletes."""

from collections.abc import Iterable

from ks_reset.facts.inhabitants import inhabitants
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for world in facts.clusters:
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
