"""A namespace lacks the entry `kubernetes` in spec.finalizers: a deletion does not delete what is in it.

The hook of an uninstall of 4.x replaces each namespace of a Workspace by a bare body at its subresource finalize, which
takes labels, annotations and spec.finalizers away (kubesphere v4.1.3,
config/ks-core/charts/ks-crds/scripts/post-delete.sh). The API server gives the entry to each new namespace and to no
other (kubernetes v1.24.17, pkg/registry/core/namespace/strategy.go, PrepareForCreate), and the namespace controller
deletes no contents without it (pkg/controller/namespace/deletion/namespaced_resources_deleter.go, Delete, finalized).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.DELETIONS, "Namespaces have the finalizer of Kubernetes", Urgency.STOPS)
READS = Reads(found_in=each(NAMESPACE_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        if emptied := [ns for ns in cluster.of(NAMESPACE_KEY) if not ns.deleting and _is_emptied(ns)]:
            yield Finding(
                id="emptied-namespace",
                severity=Severity.WARNING,
                title=f"{len(emptied)} namespace(s) of {cluster.name} have no finalizer of Kubernetes in their spec",
                evidence=tuple(Evidence(cluster.name, ns.title, "spec.finalizers", "empty") for ns in emptied),
                next="Once deleted, the namespace goes and its contents stay: nobody can reach or change them then. "
                "Its labels and annotations may have been wiped at the same time.",
                cure=_way_on(cluster, emptied),
            )


def _is_emptied(namespace: Obj) -> bool:
    """Whether the spec was read and has no finalizer: the API server writes the field `spec` in any case."""
    return "spec" in namespace.body and not namespace.spec.get("finalizers")


def _way_on(cluster: ClusterFacts, namespaces: list[Obj]) -> str:
    kubectl = f"kubectl --context {cluster.context}"
    commands = [
        f"{kubectl} get namespace {ns.name} -o json | jq '.spec.finalizers=[\"kubernetes\"]' | {kubectl} replace "
        f"--raw /api/v1/namespaces/{ns.name}/finalize -f -"
        for ns in namespaces
    ]
    return (
        f"Put the entry back: {'; '.join(commands)}. It is back once doctor does not name the namespace. Labels and "
        "annotations come back from a snapshot of before: ks-reset plan rebind --memory FILE -o plan.json binds "
        "namespaces to their Workspaces again."
    )
