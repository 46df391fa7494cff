"""A type of KubeSphere's is in deletion, and objects of it are held: the deletion of the CRD does not end.

kubernetes v1.24.17, staging/src/k8s.io/apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go: it deletes
every object first, and waits for their finalizers. The vendor's script hangs there (ks-installer issues 250 and 2092).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CRD_KEY
from ks_reset.facts.crds import key_of_type, own_types
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, OWN_TYPES, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.DELETIONS, "No type of KubeSphere's hangs in deletion", Urgency.STOPS)
READS = Reads(found_in=each(CRD_KEY, OWN_TYPES, ANY_LIST))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        going = [(crd, held) for crd in own_types(cluster) if crd.deleting and (held := _held_objects(cluster, crd))]
        if going:
            resources = ",".join(crd.name for crd, _ in going)
            yield Finding(
                id="terminating-type",
                severity=Severity.WARNING,
                title=f"{len(going)} type(s) of KubeSphere on {cluster.name} are in deletion, and objects hold them",
                evidence=tuple(
                    Evidence(cluster.name, obj.title, "metadata.finalizers", ", ".join(obj.finalizers))
                    for _, held in going
                    for obj in held
                ),
                next="The types stay in deletion until nothing holds these objects; then all objects of them are gone. "
                "Nothing new can be created of them, so KubeSphere does not work and cannot be installed.",
                cure=f"Keep a copy: kubectl --context {cluster.context} get {resources} -A -o yaml > types.yaml. Then: "
                "ks-reset plan uninstall --out plan.json takes these finalizers off. Do not take the finalizer off "
                "the CRD itself: the objects would stay in etcd, and come back with the next installation.",
            )


def _held_objects(cluster: ClusterFacts, crd: Obj) -> list[Obj]:
    return [obj for obj in cluster.of(key_of_type(crd)) if obj.finalizers]
