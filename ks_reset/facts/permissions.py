"""The permissions for reading a fleet (`gather.py`), by the types and records of each cluster.

RBAC does not tell the metadata of Secrets from their data: the list of their names needs `list`, which shows the data
too, whatever is asked for (kubernetes v1.34.4, staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go: a
request has a resource and a verb, and no media type).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    CONFIG_MAP_KIND,
    CRD_KEY,
    CRD_KIND,
    KUBE_SYSTEM_NAMESPACE,
    KUBEFED_CLUSTER_KEY,
    KUBESPHERE_CONFIG,
    NAMESPACE_KIND,
    SECRET_KIND,
)
from ks_reset.cluster.listing import API_SERVICE_KIND
from ks_reset.model import ClusterFacts, Kind, Permission

DISCOVERY = ("/version", "/api", "/api/*", "/apis", "/apis/*")
"""What discovery and the version of the API server are read from, as non-resource URLs of RBAC."""


def read_permissions(world: ClusterFacts, *, host: bool) -> set[Permission]:
    """What `read_fleet` asks of this cluster besides DISCOVERY; records are dialled from the host alone.

    ConfigMap kubesphere-config is granted in any namespace: a Role in KubeSphere's namespace would go with it.
    """
    found = {Permission("list", kind) for kind in world.kinds.values()}
    found.add(Permission("get", NAMESPACE_KIND, name=KUBE_SYSTEM_NAMESPACE))
    found.add(Permission("get", CONFIG_MAP_KIND, name=KUBESPHERE_CONFIG))
    found |= {Permission("get", kind, name=name) for kind, name in _about_lists(world)}
    return found | (set(_for_dials(world)) if host else set())


def _for_dials(world: ClusterFacts) -> Iterable[Permission]:
    """Each record again, since facts have digests in place of its credentials, and its Secret (`cluster/access.py`)."""
    for record in (*world.of(KUBEFED_CLUSTER_KEY), *world.of(CLUSTER_KEY)):
        yield Permission("get", record.kind, name=record.name)
    for record in world.of(KUBEFED_CLUSTER_KEY):
        if name := (record.spec.get("secretRef") or {}).get("name"):
            yield Permission("get", SECRET_KIND, name=str(name))


def _about_lists(world: ClusterFacts) -> Iterable[tuple[Kind, str]]:
    """What tells the form of a list that is not `<Kind>List` with UIDs (`cluster/listing.py`, read_rules)."""
    backed = {service.name for service in world.of(API_SERVICE_KIND.key) if service.spec.get("service")}
    for kind in world.kinds.values():
        if f"{kind.version}.{kind.group}" in backed:
            yield API_SERVICE_KIND, f"{kind.version}.{kind.group}"
    for crd in world.of(CRD_KEY):
        names = crd.spec.get("names") or {}
        served = world.kinds.get(f"{names.get('kind')}.{crd.spec.get('group')}")
        if served and names.get("listKind") not in (None, f"{served.kind}List"):
            yield from ((CRD_KIND, crd.name), (API_SERVICE_KIND, f"{served.version}.{served.group}"))
