"""Users' workloads and data are in a namespace deleted by an uninstall."""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY, PERSISTENT_VOLUME_CLAIM_KEY, SECRET_KEY, SERVICE_ACCOUNT_KEY
from ks_reset.facts.component_choice import namespaces_that_go
from ks_reset.facts.given_up import flags_that_give_up
from ks_reset.facts.inhabitants import users_objects_in_system_namespaces
from ks_reset.facts.kept import Kept
from ks_reset.facts.stored_data import stored_data
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, SERVED, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, StoredData, Urgency

ABOUT = About(Group.CONTENTS, "No object of users is in KubeSphere's namespaces", Urgency.KNOW)
READS = Reads(found_in=each(SERVED, ANY_LIST), decided_by=each(NAMESPACE_KEY, SECRET_KEY, SERVICE_ACCOUNT_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        leaving = {namespace.name for namespace in namespaces_that_go(cluster, options.request)}
        staying = {namespace.name for namespace in cluster.of(NAMESPACE_KEY)} - leaving
        kept = staying.union(Kept(cluster, options.request).namespaces)
        going = users_objects_in_system_namespaces(cluster, options.request.data, options.request.discard)
        known = {data.claim: data for data in stored_data(cluster)}
        if objects := [obj for obj in going if obj.namespace not in kept]:
            yield Finding(
                id="users-in-system-namespace",
                severity=Severity.WARNING,
                title=f"{len(objects)} object(s) of {cluster.name} would be deleted with KubeSphere's namespaces",
                evidence=tuple(_evidence(cluster, o, known) for o in objects),
                next="Deleting the namespace deletes them; with a PersistentVolumeClaim its data is lost.",
                cure=f"Move them to another namespace. {_retaining(objects, known)}To give them up, claims with their "
                f"data: ks-reset plan uninstall {flags_that_give_up(objects)} --out plan.json.",
            )


def _evidence(cluster: ClusterFacts, obj: Obj, known: dict[str, StoredData]) -> Evidence:
    """The namespace of an object; of a claim what it holds."""
    data = known.get(_place(obj)) if obj.kind.key == PERSISTENT_VOLUME_CLAIM_KEY else None
    if data is None:
        return Evidence(cluster.name, obj.title, "metadata.namespace", obj.namespace)
    return Evidence(cluster.name, obj.title, "holds", f"{data.size}, {data.holds}")


def _retaining(objects: list[Obj], known: dict[str, StoredData]) -> str:
    """The commands after which the volumes outlive their claims, as a sentence; "" if all do so now."""
    claims = (known.get(_place(obj)) for obj in objects if obj.kind.key == PERSISTENT_VOLUME_CLAIM_KEY)
    commands = [data.keep for data in claims if data and data.keep]
    return f"To keep the data of a claim in its volume: {'; '.join(commands)}. " if commands else ""


def _place(obj: Obj) -> str:
    return f"{obj.namespace}/{obj.name}"
