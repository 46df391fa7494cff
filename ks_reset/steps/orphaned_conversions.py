"""Types that stay though the Service that converts their objects goes with a namespace of KubeSphere's.

An object stored in another version than the one asked for cannot be read then, and the list of all fails with it
(kubernetes v1.24.17, staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go). The
strategy None changes the apiVersion alone (apiserver/conversion/nop_converter.go): only who knows the type can tell
whether its versions differ in nothing else, so the plan names the command and does not run it.
"""

from collections.abc import Collection, Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import CRD_KEY
from ks_reset.facts.crds import PATCH_TO_STOP_CONVERSION
from ks_reset.facts.dead_backends import conversion_service
from ks_reset.facts.kept import Kept
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.model import ClusterFacts, Obj, Request, Skipped


def orphaned_conversions(cluster: ClusterFacts, request: Request, gone: Collection[str]) -> Iterable[Skipped]:
    """What becomes of each such type, with the commands. `gone` are the names of CRDs that go or are told already."""
    kept, going = Kept(cluster, request).namespaces, SharedNamespaces(cluster, request).going
    for crd in cluster.of(CRD_KEY):
        service = conversion_service(crd)
        if service is None or crd.name in gone or service[0] in kept:
            continue
        if service[0] in going or catalogue.own_namespace(cluster, service[0]):
            yield Skipped(cluster.name, crd.title, _what_follows(cluster, crd, "/".join(service)))


def _what_follows(cluster: ClusterFacts, crd: Obj, service: str) -> str:
    kubectl = f"kubectl --context {cluster.context}"
    stored = ", ".join((crd.body.get("status") or {}).get("storedVersions") or _versions(crd, "storage"))
    return (
        f"it stays, and the Service {service}, which converts its objects, goes with its namespace. From then on an "
        f"object stored in another version than the one asked for cannot be read (stored: {stored}; served: "
        f"{', '.join(_versions(crd, 'served'))}). Keep a copy before: (umask 077; {kubectl} get {crd.name} "
        f"--all-namespaces -o yaml > {crd.name}.yaml). Afterwards install its program elsewhere. If its versions "
        f"differ in nothing but their name, this serves its objects as they are stored: {kubectl} patch "
        f"customresourcedefinitions.apiextensions.k8s.io {crd.name} --type=merge -p '{PATCH_TO_STOP_CONVERSION}'"
    )


def _versions(crd: Obj, field: str) -> list[str]:
    return [str(version.get("name")) for version in crd.spec.get("versions") or () if version.get(field)]
