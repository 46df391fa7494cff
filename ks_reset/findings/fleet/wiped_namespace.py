"""A namespace without spec.finalizers: once deleted, its contents stay in etcd, where nobody finds or deletes them."""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.facts.wiped_namespaces import contents_of, wiped_namespaces
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import EVERYTHING, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation.by_hand import finalize_command

ABOUT = About(Group.DELETIONS, "Namespaces have the finalizer of Kubernetes", Urgency.STOPS)
READS = Reads(found_in=each(NAMESPACE_KEY), decided_by=each(EVERYTHING))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        wiped = wiped_namespaces(cluster)
        living = [namespace for namespace in wiped if not namespace.deleting]
        held = [namespace for namespace in wiped if namespace.deleting and contents_of(cluster, namespace)]
        if living:
            yield Finding(
                id="wiped-namespace",
                severity=Severity.WARNING,
                title=f"{len(living)} namespace(s) of {cluster.name} have no spec.finalizers",
                evidence=_evidence(cluster, living),
                next="A deletion of one of them leaves its contents in etcd, out of reach. The uninstall of KubeSphere "
                "4.1.1 leaves namespaces so, and takes all their labels and annotations.",
                cure="ks-reset plan repair --out repair.json gives the finalizer back. With a snapshot from before, "
                "users' labels come back too, and the annotations that it holds in clear: ks-reset plan repair "
                "--memory SNAPSHOT --out repair.json. It names each other annotation, with the command that sets it.",
            )
        if held:
            yield Finding(
                id="wiped-namespace",
                severity=Severity.WARNING,
                title=f"{len(held)} namespace(s) of {cluster.name} are in deletion without spec.finalizers",
                evidence=_evidence(cluster, held),
                next="Nothing deletes what is inside, and the next DELETE leaves it in etcd, out of reach.",
                cure=" ".join(_way_on(cluster, namespace) for namespace in held),
            )


def _evidence(cluster: ClusterFacts, namespaces: list[Obj]) -> tuple[Evidence, ...]:
    return tuple(Evidence(cluster.name, namespace.title, "spec.finalizers", "none") for namespace in namespaces)


def _way_on(cluster: ClusterFacts, namespace: Obj) -> str:
    """A deletion under way cannot be taken back, so a copy comes first."""
    contents = contents_of(cluster, namespace)
    types = ",".join(sorted({obj.kind.resource for obj in contents}))
    copy = f"kubectl --context {cluster.context} -n {namespace.name} get {types} -o yaml > {namespace.name}.yaml"
    return (
        f"Copy the {len(contents)} object(s) of {namespace.name}: (umask 077; {copy}). Back up the data of its claims: "
        "volumes with the reclaim policy Delete go with them. Then this lets the deletion go on, with all that is "
        f"inside: {finalize_command(cluster.context, namespace.name)}."
    )
