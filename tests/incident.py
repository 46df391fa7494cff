"""The fleet of `examples/incident` without control planes: its manifests, and what the controllers add to them."""

from collections.abc import Iterable
from typing import Any

from msgspec import structs

from ks_reset import local
from ks_reset.model import Body, ClusterFacts, FleetFacts, Kind, Obj
from ks_reset.rehearsal.kubefed import _federated_crd, _type_config
from ks_reset.rehearsal.objects import read_manifests
from ks_reset.rehearsal.spec import Scenario, load_scenario
from tests.build import body_of, facts

FEDERATION = "kube-federation-system"
WORKSPACE = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace"}
IRREGULAR = {"NetworkPolicy": "networkpolicies", "StorageClass": "storageclasses", "Endpoints": "endpoints"}


def incident_facts(*stale: str) -> FleetFacts:
    """Host and member with KubeSphere and kubefed; `stale` are further records of the host's API server."""
    scenario, _ = load_scenario("incident")
    rows = {plane: list(_rows(scenario, plane, stale)) for plane in scenario.planes}
    dials = [{"record": name, "identity": name} for name in scenario.kubefed.joins]
    dials += [{"record": name, "identity": "host"} for name in stale]
    made = facts(rows["host"], {"test": rows["test"]}, dials)
    return structs.replace(made, host=_with_types(made.host), members=tuple(map(_with_types, made.members)))


def _rows(scenario: Scenario, plane: str, stale: Iterable[str]) -> Iterable[Body]:
    folder, spec = local.shared_folder("examples") / "incident", scenario.planes[plane]
    values = {"cluster": plane, "role": spec.role, **{f"server_{name}": f"https://{name}" for name in scenario.planes}}
    bodies = [body for part in spec.manifests for body in read_manifests(folder / part, values)]
    for tenants in scenario.tenants:
        label = f', kubesphere.io/workspace: "{tenants.workspace}"' if tenants.workspace else ""
        for name in tenants.namespaces if tenants.plane == plane else ():
            bodies += read_manifests(folder / "tenant.yaml", {"namespace": name, "workspace": label})
    made = ("catalog", "kube-system")
    bodies = [body for body in bodies if body["kind"] != "Namespace" or body["metadata"]["name"] not in made]
    bodies += _spread_project(scenario)
    yield {"kind": "Namespace", "metadata": {"name": "kube-system", "uid": f"uid-of-{plane}"}}
    if plane == scenario.kubefed.host:
        yield from _of_federation(scenario, stale)
    spaces = [name for name in ("ws1", "ws2") if plane == scenario.kubefed.host or name == "ws2"]
    yield from ({**WORKSPACE, "metadata": {"name": name, "finalizers": [FINALIZER]}} for name in spaces)
    yield from (_as_controlled(body, spaces) for body in bodies)


def _spread_project(scenario: Scenario) -> Iterable[Body]:
    """The multi-cluster project as kubefed keeps it on each cluster; kubefed removes owners from its objects."""
    name, managed = scenario.federated.namespace, {"kubefed.io/managed": "true"}
    for kind in scenario.federated.kinds:
        about = {"name": name, "labels": managed, "finalizers": []}
        group = "apps/v1" if kind == "FederatedDeployment" else "v1"
        inside = {} if kind == "FederatedNamespace" else {"namespace": name}
        yield {"apiVersion": group, "kind": kind.removeprefix("Federated"), "metadata": about | inside}


FINALIZER = "finalizers.tenant.kubesphere.io"


def _of_federation(scenario: Scenario, stale: Iterable[str]) -> Iterable[Body]:
    """Types, their configuration and the records, as `kubefedctl` leaves them (rehearsal/kubefed.py)."""
    for target in scenario.kubefed.targets:
        yield from (_federated_crd(target), _type_config(target))
    for name in (*scenario.kubefed.joins, *stale):
        where = "host" if name in stale else name
        spec = {"apiEndpoint": f"https://{where}", "secretRef": {"name": f"{name}-secret"}}
        about = {"name": name, "namespace": FEDERATION}
        yield {"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster", "metadata": about, "spec": spec}
        yield {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{name}-secret", "namespace": FEDERATION}}


def _as_controlled(body: Body, spaces: list[str]) -> Body:
    """A namespace of a Workspace with the finalizer and the owner that KubeSphere's controllers give it."""
    meta = body["metadata"]
    for owner in meta.get("ownerReferences", ()):
        owner.setdefault(
            "uid", body_of({"kind": owner["kind"], "metadata": {"name": owner["name"]}})["metadata"]["uid"]
        )
    workspace = (meta.get("labels") or {}).get("kubesphere.io/workspace")
    if body["kind"] == "Namespace" and workspace in spaces:
        owner = body_of({**WORKSPACE, "metadata": {"name": workspace}})
        reference = {**WORKSPACE, "name": workspace, "uid": owner["metadata"]["uid"], "controller": True}
        body = {**body, "metadata": {**meta, "finalizers": ["finalizers.kubesphere.io/namespaces"]}}
        body["metadata"]["ownerReferences"] = [{**reference, "blockOwnerDeletion": True}]
    if body["kind"].startswith("Federated"):
        body = {**body, "metadata": {**meta, "finalizers": ["kubefed.io/sync-controller"]}}
    return body


def _with_types(world: ClusterFacts) -> ClusterFacts:
    """The cluster with the plural and the scope of each type as its CRD, or Kubernetes, has them."""
    defined = {
        kind.key: kind for crd in world.of("CustomResourceDefinition.apiextensions.k8s.io") for kind in _defined(crd)
    }
    kinds = {key: defined.get(key) or _regular(kind) for key, kind in (defined | world.kinds).items()}
    objects: dict[str, tuple[Obj, ...]] = dict.fromkeys(kinds, ())
    for key, found in world.objects.items():
        objects[key] = tuple(Obj(kinds[key], {"apiVersion": kinds[key].api_version, **obj.body}) for obj in found)
    return structs.replace(world, kinds=kinds, objects=objects)


def _defined(crd: Obj) -> Iterable[Kind]:
    names: dict[str, Any] = crd.spec["names"]
    version = crd.spec["versions"][0]["name"]
    yield Kind(crd.spec["group"], version, names["kind"], names["plural"], crd.spec["scope"] == "Namespaced")


def _regular(kind: Kind) -> Kind:
    return structs.replace(kind, plural=IRREGULAR.get(kind.kind, kind.plural))
