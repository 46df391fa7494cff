"""Objects of any served type with a trace of KubeSphere's or kubefed's domain.

The search knows only the two domains, the names of the namespaces the installers create, and how KubeSphere 4 names
the namespace of an extension and marks it (kubesphere v4.1.3, pkg/controller/core/installplan_controller.go).
"""

import re
from collections.abc import Collection, Iterable

from msgspec import Struct

from ks_reset.model import ClusterFacts, FleetFacts, Obj

DOMAIN = re.compile(r"(?:^|[.@])(?:kubesphere|kubefed)\.io$")
BELT, LEFT_ON = "ks-reset-seatbelt", "ks-reset's own seatbelt, left on"
SYSTEM = re.compile(r"^(?:kubesphere-(?:.*-)?(?:system|federated|worker)|kube-federation-system)$")
EXTENSION, REFERENCE = re.compile(r"^extension-"), "kubesphere.io/extension-ref"
RELEASE_NAMESPACE = "meta.helm.sh/release-namespace"


class Leftover(Struct, frozen=True):
    """An object of a cluster, by title, with the field that bears the trace and its value."""

    cluster: str
    object: str
    field: str
    value: str

    @property
    def is_of_ks_reset(self) -> bool:
        """Whether ks-reset itself made the object; such a leftover is none of KubeSphere's."""
        return self.value == LEFT_ON


def is_seatbelt(obj: Obj) -> bool:
    """Whether the object is a part of ks-reset's own seatbelt, whoever put it on."""
    return obj.name == BELT and obj.kind.group == "admissionregistration.k8s.io"


def find_leftovers(facts: FleetFacts, shared: Collection[str] = (), accounts: Collection[str] = ()) -> list[Leftover]:
    """The leftovers of all clusters, in order of discovery.

    On members in `shared` (names of clusters that another host uses too) only objects granting rights to one of this
    host's `accounts` count, given as <kube-system UID>/<account>.
    """
    return [
        Leftover(world.name, obj.title, field, value)
        for world in facts.clusters
        for obj in _all_objects(world)
        for field, value in (
            _account_traces(obj, world, accounts)
            if world.name in shared
            else (*_domain_traces(obj), *_release_traces(obj, world), *_conversion_traces(obj, world))
        )
    ]


def _account_traces(obj: Obj, world: ClusterFacts, accounts: Collection[str]) -> Iterable[tuple[str, str]]:
    subjects = [s for s in obj.body.get("subjects") or [] if f"{world.identity}/{s.get('name')}" in accounts]
    yield from (("subjects", f"{s.get('kind')} {s.get('namespace')}/{s.get('name')}") for s in subjects)
    if obj.kind.kind == "ServiceAccount" and f"{world.identity}/{obj.name}" in accounts:
        yield "metadata.name", obj.name


def _all_objects(world: ClusterFacts) -> Iterable[Obj]:
    return (obj for key in world.kinds for obj in world.of(key))


def _domain_traces(obj: Obj) -> Iterable[tuple[str, str]]:
    if _is_own_domain(obj.kind.group):
        yield "apiVersion", obj.kind.api_version
    for field, keys in (("labels", obj.labels), ("annotations", obj.annotations)):
        yield from ((f"metadata.{field}", key) for key in keys if _is_own_domain(key.partition("/")[0]))
    yield from (("metadata.finalizers", f) for f in obj.finalizers if _is_own_domain(f.partition("/")[0]))
    yield from (("metadata.ownerReferences", f"{o.kind} {o.name}") for o in obj.owners if _is_own_domain(o.group))
    yield from _traces_of_kind(obj)


def _release_traces(obj: Obj, world: ClusterFacts) -> Iterable[tuple[str, str]]:
    """The annotation of a helm release in the namespace of an extension: KubeSphere's, or gone by now."""
    home = obj.annotations.get(RELEASE_NAMESPACE, "")
    namespace = world.get("Namespace", home)
    if EXTENSION.match(home) and (namespace is None or namespace.labels.get(REFERENCE) == EXTENSION.sub("", home)):
        yield "metadata.annotations", RELEASE_NAMESPACE


def _conversion_traces(obj: Obj, world: ClusterFacts) -> Iterable[tuple[str, str]]:
    """The Service that converts the objects of a type, if it lay in a namespace of KubeSphere's that is gone.

    kubernetes v1.24.17, staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1/types.go and, with
    webhookClientConfig, v1beta1/types.go.
    """
    conversion = obj.spec.get("conversion") or {} if obj.kind.kind == "CustomResourceDefinition" else {}
    client = (conversion.get("webhook") or {}).get("clientConfig") or conversion.get("webhookClientConfig") or {}
    service = client.get("service") or {} if conversion.get("strategy") == "Webhook" else {}
    home = str(service.get("namespace", ""))
    if (SYSTEM.match(home) or EXTENSION.match(home)) and world.get("Namespace", home) is None:
        yield "spec.conversion", f"calls {home}/{service.get('name')}, which is gone with its namespace"


def _traces_of_kind(obj: Obj) -> Iterable[tuple[str, str]]:
    kind = obj.kind.kind
    if is_seatbelt(obj):
        yield "metadata.name", LEFT_ON
    if kind in ("CustomResourceDefinition", "APIService") and _is_own_domain(str(obj.spec.get("group", ""))):
        yield "spec.group", str(obj.spec["group"])
    if kind == "APIService" and SYSTEM.match((obj.spec.get("service") or {}).get("namespace", "")):
        yield "spec.service", str(obj.spec["service"])
    if kind == "Namespace" and SYSTEM.match(obj.name):
        yield "metadata.name", obj.name
    for webhook in obj.body.get("webhooks") or []:
        service = (webhook.get("clientConfig") or {}).get("service") or {}
        if SYSTEM.match(service.get("namespace", "")) or _is_own_domain(webhook.get("name", "")):
            yield "webhooks", f"{webhook.get('name')} calls {service.get('namespace')}/{service.get('name')}"
    for subject in obj.body.get("subjects") or []:
        if SYSTEM.match(subject.get("namespace", "")):
            yield "subjects", f"{subject.get('kind')} {subject['namespace']}/{subject.get('name')}"


def _is_own_domain(domain: str) -> bool:
    return bool(DOMAIN.search(domain))
