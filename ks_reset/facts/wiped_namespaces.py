"""Namespaces without spec.finalizers: a deletion leaves their contents in etcd, where nobody finds or deletes them.

The API server gives `kubernetes` to each new namespace (kubernetes v1.24.17, pkg/registry/core/namespace/strategy.go,
PrepareForCreate), and the namespace controller takes it off once a deletion has emptied the namespace. Without it the
second DELETE ends the namespace as it is (storage/storage.go, Delete). The uninstall of KubeSphere 4.1.1 writes each
namespace with kubesphere.io/managed=true through /finalize with nothing but its name: spec.finalizers go, and with
them every label and annotation (kubesphere v4.1.1, config/ks-core/scripts/post-delete.sh; those of 4.1.2 and 4.1.3 have
no such loop).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import METADATA_NAME_LABEL, NAMESPACE_KEY
from ks_reset.model import BeforeImage, ClusterFacts, FleetFacts, Marks, Obj


def wiped_namespaces(cluster: ClusterFacts) -> list[Obj]:
    """The namespaces without spec.finalizers, those in deletion too: what is in them decides about these."""
    return [obj for obj in cluster.of(NAMESPACE_KEY) if is_wiped(obj)]


def is_wiped(namespace: Obj) -> bool:
    """Whether a namespace has no spec.finalizers; one without `spec` (a case in short form) has Kubernetes' default."""
    spec = namespace.body.get("spec")
    return spec is not None and not spec.get("finalizers")


def contents_of(cluster: ClusterFacts, namespace: Obj) -> list[Obj]:
    """The objects in a namespace."""
    return [obj for obj in cluster.all() if obj.namespace == namespace.name]


def wiped_metadata(before: FleetFacts, now: FleetFacts) -> Iterable[BeforeImage]:
    """The namespaces with labels or annotations of users `before` and none of them now, with the lost ones.

    Only the same namespace counts, by cluster and UID. KubeSphere's are left out: the playbook rebind gives them back.
    Single entries removed since were removed on purpose.
    """
    for cluster in now.clusters:
        then = before.cluster(cluster.identity)
        for namespace in cluster.of(NAMESPACE_KEY):
            was = then.get(NAMESPACE_KEY, namespace.name) if then else None
            if was and was.uid == namespace.uid and not namespace.deleting:
                lost = Marks(labels=_of_users(was.labels), annotations=_of_users(was.annotations))
                kept = {*lost.labels, *lost.annotations} & {*namespace.labels, *namespace.annotations}
                if lost and not kept:
                    yield BeforeImage(cluster.identity, was.kind, was.body, "remove-marks", lost)


def _of_users(entries: dict[str, str]) -> dict[str, str]:
    """The entries without KubeSphere's, and without the label that the API server writes itself."""
    return {k: v for k, v in entries.items() if not catalogue.is_own_key(k) and k != METADATA_NAME_LABEL}
