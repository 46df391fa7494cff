"""What users' namespaces relied on from KubeSphere, counted, with what becomes of it while KubeSphere is gone.

Gateways are the programs kubesphere-router-NAMESPACE in kubesphere-controls-system, kubesphere-router-kubesphere-system
for all namespaces (kubesphere v3.3.1, pkg/models/gateway/gateway.go). Access is given by bindings (facts/people.py).
Everything else is in catalogue/data/reliances.yaml.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.entries import RelianceEntry
from ks_reset.catalogue.names import INGRESS_KEY, SERVICE_KEY, WORKLOAD_KEYS
from ks_reset.facts import people
from ks_reset.facts.component_choice import ComponentChoice
from ks_reset.facts.kept import Kept
from ks_reset.facts.object_components import components_of
from ks_reset.model import ClusterFacts, Obj, Reliance, Request

CONTROLS, GATEWAY, EVERYWHERE = "kubesphere-controls-system", "kubesphere-router-", "kubesphere-system"
WITHOUT_GATEWAY = (
    "their addresses and ports answer no more; the Ingresses stay, and another ingress controller serves them if it "
    "takes their class"
)
INSTEAD_OF_GATEWAY = (
    "install an ingress controller that serves the class of the Ingresses, and lead the names of the hosts to its "
    "address"
)
WITHOUT_WIDER = (
    "these people, Workspace members without a binding in the namespaces among them, reach nothing by them any more. "
    "To give one of them a namespace: kubectl -n NAMESPACE create rolebinding NAME --clusterrole=admin --user=USER"
)
WITHOUT_ACCESS = (
    "the users reach these namespaces no more, by console or kubectl; what runs there is not affected. For a user that "
    "the API server knows otherwise: kubectl -n NAMESPACE create rolebinding NAME --clusterrole=edit --user=USER"
)


def lost_reliances(cluster: ClusterFacts, request: Request) -> Iterable[Reliance]:
    """Each thing that users' namespaces on a cluster will be without; nothing of what a request keeps."""
    if gateways := list(_gateways(cluster, ComponentChoice(cluster, request))):
        then = f"{WITHOUT_GATEWAY}. Before: {INSTEAD_OF_GATEWAY}" if request.leave else WITHOUT_GATEWAY
        yield Reliance(cluster.name, "gateways", len(gateways), then, tuple(gateways))
    if not request.only:
        yield from _access(cluster, request)
    for entry in catalogue.load_catalogue().reliances:
        if objects := list(_made_with(cluster, request, entry)):
            then = _with_stays(cluster, entry)
            then = f"{then}. Instead: {entry.instead}" if request.leave else then
            yield Reliance(cluster.name, entry.what, len(objects), then, tuple(obj.title for obj in objects))


def _access(cluster: ClusterFacts, request: Request) -> Iterable[Reliance]:
    """The bindings of people that go, in their namespaces and beyond; with --leave the former stay."""
    inside = [] if request.leave else [people.told_binding(obj) for obj in people.project_bindings(cluster)]
    if inside:
        yield Reliance(cluster.name, "access of members of projects", len(inside), WITHOUT_ACCESS, tuple(inside))
    if wider := [people.told_binding(obj) for obj in people.wider_bindings(cluster)]:
        yield Reliance(cluster.name, "access by Workspaces and cluster-wide", len(wider), WITHOUT_WIDER, tuple(wider))


def _gateways(cluster: ClusterFacts, choice: ComponentChoice) -> Iterable[str]:
    """Each gateway with its address, ports, and the hosts of the Ingresses it serves."""
    services = [s for s in cluster.of(SERVICE_KEY) if s.namespace == CONTROLS and s.name.startswith(GATEWAY)]
    homes = {service.name.removeprefix(GATEWAY) for service in services}
    for service in services:
        if service.spec.get("ports") and choice.may_go(service) and not service.name.endswith("-metrics"):
            home = service.name.removeprefix(GATEWAY)
            own = [i for i in cluster.of(INGRESS_KEY) if i.namespace == home or _is_of_all(i, home, homes)]
            yield f"{service.name}: {_address(service)}; hosts: {_hosts(own)}"


def _is_of_all(ingress: Obj, home: str, homes: set[str]) -> bool:
    """Whether the gateway of all namespaces serves an Ingress: its namespace has none of its own."""
    return home == EVERYWHERE and ingress.namespace not in homes


def _address(service: Obj) -> str:
    ingress = ((service.body.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    addresses = [str(a.get("ip") or a.get("hostname")) for a in ingress] or list(service.spec.get("externalIPs") or ())
    ports = [
        f"{port.get('port')}" + (f" (node port {port['nodePort']})" if port.get("nodePort") else "")
        for port in service.spec.get("ports") or ()
    ]
    kind = service.spec.get("type", "ClusterIP")
    return f"{kind} {', '.join(addresses) or 'without an address of its own'}, ports {', '.join(ports)}"


def _hosts(ingresses: Iterable[Obj]) -> str:
    hosts = {str(rule.get("host") or "*") for ingress in ingresses for rule in ingress.spec.get("rules") or ()}
    return ", ".join(sorted(hosts)) or "none"


def _made_with(cluster: ClusterFacts, request: Request, entry: RelianceEntry) -> Iterable[Obj]:
    kept, choice = Kept(cluster, request), ComponentChoice(cluster, request)
    if entry.component in choice.staying or (choice.only and entry.component not in choice.only):
        return
    brought = entry.component in components_of(cluster).present
    types = (key for key in entry.types if brought or catalogue.is_own_group(key.partition(".")[2]))
    of_types = (obj for key in types for obj in cluster.of(key))
    marked = (obj for obj in _marked(cluster, entry.marks) if not catalogue.is_own_group(obj.kind.group))
    for obj in (*of_types, *marked):
        inside = catalogue.own_namespace(cluster, obj.namespace) or catalogue.shared_namespace(obj.namespace)
        if not inside and not kept.is_of_kept_type(obj) and not catalogue.is_delivered(obj):
            yield obj


def _marked(cluster: ClusterFacts, marks: tuple[str, ...]) -> Iterable[Obj]:
    """The objects without an owner that have one of these labels or annotations, themselves or in their pods."""
    wanted = {*marks}
    for obj in cluster.all() if wanted else ():
        keys = {*obj.labels, *obj.annotations}
        if obj.kind.key in WORKLOAD_KEYS:
            keys |= {*(((obj.spec.get("template") or {}).get("metadata") or {}).get("annotations") or {})}
        if wanted & keys and not obj.owners:
            yield obj


def _with_stays(cluster: ClusterFacts, entry: RelianceEntry) -> str:
    """What becomes of it, with the number of objects in users' namespaces that stay."""
    counts = {
        key: sum(1 for o in cluster.of(key) if not catalogue.own_namespace(cluster, o.namespace)) for key in entry.stays
    }
    staying = ", ".join(f"{count} {key.partition('.')[0]}" for key, count in counts.items() if count)
    return f"{entry.then} ({staying} stay)" if staying else entry.then
