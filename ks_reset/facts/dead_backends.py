"""Lists that cannot be read because a backend of KubeSphere's own is gone: a conversion webhook, or an aggregated API.

An object stored in another version than the one asked for is converted by the webhook of its type, and the list fails
with it (kubernetes v1.24.17, staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go).
A group without a backend is answered with 503 (staging/src/k8s.io/kube-aggregator/pkg/apiserver/handler_proxy.go).
"""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    API_SERVICE_KEY,
    CLUSTER_GROUP,
    CRD_KEY,
    KUBEFED_CORE_GROUP,
    KUBEFED_TYPES_GROUP,
    METRICS_GROUP,
    TENANT_GROUP,
)
from ks_reset.facts.kept import Kept
from ks_reset.facts.shared_types import groups_of_foreign_operators, type_proof
from ks_reset.facts.webhooks import has_endpoints
from ks_reset.model import GROUP_GAP, LIST_GAP, ClusterFacts, Gap, Obj, Request

NOBODY = frozenset({"ServiceNotFound", "EndpointsNotFound", "MissingEndpoints"})
"""The reasons of an APIService without a backend (kubernetes v1.24.17, staging/src/k8s.io/kube-aggregator/pkg/
controllers/status/available_controller.go)."""
DECIDING = (TENANT_GROUP, CLUSTER_GROUP, KUBEFED_CORE_GROUP, KUBEFED_TYPES_GROUP)
"""The API groups whose objects decide what the controllers of KubeSphere and kubefed do to users' objects."""

COMPUTED = (METRICS_GROUP, f"custom.{METRICS_GROUP}", f"external.{METRICS_GROUP}")
"""The API groups of metrics: their objects are computed when asked for, and stored nowhere (kubernetes v1.24.17,
staging/src/k8s.io/metrics/pkg/apis)."""
CONVERSION_FAILED = "conversion webhook"
"""What the API server says of a list that it could not convert (webhook_converter.go, above)."""


class Converted(Struct, frozen=True):
    """A type of KubeSphere's with a conversion webhook, the Service that it calls, and the proof of its origin."""

    crd: Obj
    service: tuple[str, str]
    proof: str


def converted_types(cluster: ClusterFacts) -> list[Converted]:
    """The types proven to be KubeSphere's whose objects a Service converts, anybody's, with a backend or without."""
    users = groups_of_foreign_operators(cluster)
    found = ((crd, conversion_service(crd), type_proof(crd, users)) for crd in cluster.of(CRD_KEY))
    return [Converted(crd, service, proof) for crd, service, proof in found if service and proof]


def conversion_service(crd: Obj) -> tuple[str, str] | None:
    """Namespace and name of the Service that converts the objects of a type; None without one."""
    conversion = crd.spec.get("conversion") or {}
    client = (conversion.get("webhook") or {}).get("clientConfig") or conversion.get("webhookClientConfig") or {}
    reference = client.get("service") if conversion.get("strategy") == "Webhook" else None
    return _service(reference) if reference else None


def failing_conversions(cluster: ClusterFacts) -> dict[str, tuple[Obj, str]]:
    """The types of anybody's whose list failed at their conversion webhook, by gap, with the Service or URL it calls.

    The webhook has no backend, or the API server says that its call failed: a backend may answer and be refused, such
    as one with an expired certificate.
    """
    gaps = {gap.what: gap.why for gap in cluster.gaps}
    found: dict[str, tuple[Obj, str]] = {}
    for crd in cluster.of(CRD_KEY):
        what, service = f"{LIST_GAP}{crd.name}", conversion_service(crd)
        backend = "/".join(service) if service else _conversion_url(crd)
        failed = CONVERSION_FAILED in gaps.get(what, "") or bool(service and is_dead(cluster, service))
        if what in gaps and backend and failed:
            found[what] = crd, backend
    return found


def _conversion_url(crd: Obj) -> str:
    conversion = crd.spec.get("conversion") or {}
    client = (conversion.get("webhook") or {}).get("clientConfig") or conversion.get("webhookClientConfig") or {}
    return str(client.get("url") or "") if conversion.get("strategy") == "Webhook" else ""


def is_dead(cluster: ClusterFacts, service: tuple[str, str]) -> bool:
    """Whether a Service has no ready address. False where its Endpoints were not read."""
    return not has_endpoints(cluster, *service)


def api_service(api: Obj) -> tuple[str, str] | None:
    """Namespace and name of the Service behind an APIService; None for one that the API server answers itself."""
    reference = api.spec.get("service")
    return _service(reference) if reference else None


def unanswered_apis(cluster: ClusterFacts) -> list[tuple[Obj, Gap]]:
    """Every APIService, of KubeSphere's or not, whose Service gives no answer, with the gap that it makes."""
    gaps = {gap.what: gap for gap in cluster.gaps}
    found = ((api, gaps.get(_gap_name(api))) for api in cluster.of(API_SERVICE_KEY) if api_service(api))
    return [(api, gap) for api, gap in found if gap]


def _gap_name(api: Obj) -> str:
    return f"{GROUP_GAP}{api.spec.get('group', '')}/{api.spec.get('version', '')}"


def is_dead_api(cluster: ClusterFacts, api: Obj) -> bool:
    """Whether nobody is behind an APIService: by the Endpoints of its Service, or as the API server says itself."""
    service = api_service(api)
    conditions = (api.body.get("status") or {}).get("conditions") or []
    said = {str(c.get("reason")) for c in conditions if c.get("type") == "Available" and c.get("status") == "False"}
    return service is not None and (is_dead(cluster, service) or bool(said & NOBODY))


def own_dead_apis(cluster: ClusterFacts) -> list[tuple[Obj, str]]:
    """The APIServices of KubeSphere's without a backend that make a gap, each with the proof of its origin."""
    dead = (api for api, _ in unanswered_apis(cluster) if is_dead_api(cluster, api))
    return [(api, proof) for api in dead if (proof := own_api_proof(cluster, api))]


def own_api_proof(cluster: ClusterFacts, api: Obj) -> str | None:
    """The proof that an APIService is KubeSphere's or an extension's; an uninstall deletes it. None without."""
    return catalogue.apiservice_proof(api) or catalogue.extensions_of(cluster).backend_proof(api)


def dead_conversions(cluster: ClusterFacts) -> list[Converted]:
    """The types of KubeSphere's whose conversion by a Service of KubeSphere's has no backend."""
    own = (each for each in converted_types(cluster) if catalogue.own_namespace(cluster, each.service[0]))
    return [each for each in own if is_dead(cluster, each.service)]


def own_gaps(cluster: ClusterFacts, request: Request) -> dict[Gap, tuple[str, str]]:
    """The gaps made by dead backends of KubeSphere's own that go, with the hidden type: group and kind, "" for all.

    A type or an operator that stays by choice has its backend to itself: nothing mends its list.
    """
    if not cluster.gaps:
        return {}
    kept = Kept(cluster, request)
    going = (each.crd for each in dead_conversions(cluster) if not kept.names_type(each.crd))
    hidden = {f"{LIST_GAP}{crd.name}": _defined(crd) for crd in going}
    dead = {api.uid for api, _ in own_dead_apis(cluster)}
    apis = ((api, gap) for api, gap in unanswered_apis(cluster) if api.uid in dead or _is_own_computed(cluster, api))
    hidden |= {gap.what: (str(api.spec.get("group", "")), "") for api, gap in apis if not is_kept_api(kept, api)}
    return {gap: hidden[gap.what] for gap in cluster.gaps if gap.what in hidden}


def is_kept_api(kept: Kept, api: Obj) -> bool:
    """Whether an operator that stays answers for an APIService."""
    service = api_service(api)
    return service is not None and service[0] in kept.namespaces


def idle_own_gaps(cluster: ClusterFacts, request: Request) -> frozenset[Gap]:
    """Those of `own_gaps` on which nothing else rests.

    Objects of these types are KubeSphere's. A type counts neither if its objects decide what a controller does to
    users' objects, nor if an object that was read names an owner of it.
    """
    own = own_gaps(cluster, request)
    owners = _owner_types(cluster) if own else set()
    return frozenset(gap for gap, (group, kind) in own.items() if _is_idle(group, kind, owners))


def idle_gaps(cluster: ClusterFacts, request: Request) -> frozenset[Gap]:
    """`idle_own_gaps`, and groups whose objects are computed and never listed: no plan rests on what is in them."""
    return idle_own_gaps(cluster, request) | computed_gaps(cluster)


def computed_gaps(cluster: ClusterFacts) -> frozenset[Gap]:
    """The gaps of groups whose objects are stored nowhere, so they bear no mark."""
    return frozenset(gap for gap in cluster.gaps if gap.what.startswith(tuple(f"{GROUP_GAP}{g}/" for g in COMPUTED)))


def _is_own_computed(cluster: ClusterFacts, api: Obj) -> bool:
    """Whether it is KubeSphere's and serves computed objects: an uninstall deletes it early, answered or not."""
    return api.spec.get("group") in COMPUTED and own_api_proof(cluster, api) is not None


def mended_gaps(cluster: ClusterFacts, request: Request) -> frozenset[Gap]:
    """The gaps that do not stop a playbook for mending them: all of KubeSphere's own, and the idle ones."""
    return idle_gaps(cluster, request) | own_gaps(cluster, request).keys()


def _defined(crd: Obj) -> tuple[str, str]:
    return str(crd.spec.get("group", "")), str((crd.spec.get("names") or {}).get("kind", ""))


def _is_idle(group: str, kind: str, owners: set[tuple[str, str]]) -> bool:
    """Whether nothing rests on the objects of a type; without a kind, of a whole group."""
    named = any(owner == group and kind in ("", name) for owner, name in owners)
    return group not in DECIDING and not named


def _owner_types(cluster: ClusterFacts) -> set[tuple[str, str]]:
    return {(owner.group, owner.kind) for obj in cluster.all() for owner in obj.owners}


def _service(reference: dict[str, object]) -> tuple[str, str]:
    return str(reference.get("namespace", "")), str(reference.get("name", ""))


def gaps_beyond(cluster: ClusterFacts, known: Iterable[Gap]) -> list[Gap]:
    """The gaps of a cluster without these."""
    known = set(known)
    return [gap for gap in cluster.gaps if gap not in known]
