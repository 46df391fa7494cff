"""Users' workloads and data are in a namespace deleted by an uninstall."""

from collections.abc import Iterable

from ks_reset.facts.inhabitants import users_objects_in_system_namespaces
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if objects := users_objects_in_system_namespaces(cluster, options.request.data):
            yield Finding(
                id="users-in-system-namespace",
                severity=Severity.WARNING,
                title=f"{len(objects)} object(s) of {cluster.name} would be deleted with KubeSphere's namespaces",
                evidence=tuple(Evidence(cluster.name, o.title, "metadata.namespace", o.namespace) for o in objects),
                next="Deleting the namespace deletes them; with a PersistentVolumeClaim its data is lost.",
                cure="Move them to another namespace; to give up the data in one, add --delete-data NAMESPACE.",
            )
