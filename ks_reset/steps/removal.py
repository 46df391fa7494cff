"""Remove objects of KubeSphere and kubefed: tenants, roles, webhooks, types, namespaces. A name is no proof."""

from collections.abc import Iterable, Mapping

from ks_reset import catalogue
from ks_reset.catalogue.components import component_entries, component_word
from ks_reset.catalogue.names import (
    API_SERVICE_KEY,
    CLUSTER_ROLE_BINDING_KEY,
    CLUSTER_ROLE_KEY,
    HELM_RELEASE_NAMESPACE_ANNOTATION,
    NAMESPACE_KEY,
    ROLE_BINDING_KEY,
    ROLE_KEY,
    SIGNING_REQUEST_KEY,
    USERNAME_LABEL,
    WEBHOOK_KEYS,
)
from ks_reset.facts import federation, people
from ks_reset.facts.component_choice import kept_homes, staying_components
from ks_reset.facts.crds import is_federated, own_objects, own_types
from ks_reset.facts.kept import Kept, discarded_types
from ks_reset.facts.operators import forgone_objects
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.facts.shared_types import groups_of_foreign_operators, type_proof
from ks_reset.facts.webhooks import called_services, is_webhook_called, webhooks_of
from ks_reset.model import ClusterFacts, Obj, Request, Skipped
from ks_reset.steps.account_bindings import bindings_of_own_accounts
from ks_reset.steps.components import going_namespaces, later_command
from ks_reset.steps.extensions import autoscalers_without_metrics
from ks_reset.steps.orphaned_conversions import orphaned_conversions
from ks_reset.steps.paused_webhooks import is_answered
from ks_reset.steps.records import records_of_leavers
from ks_reset.steps.step import Removal, Step, StepContext

OPERATIONS = ("UPDATE", "DELETE")


def remove_tenants(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal]:
    """The objects left in KubeSphere's own API groups: Workspaces, templates, users, roles, configuration.

    Those of a bundled operator and of some types stay by choice (--keep-operator, --without-operator, --keep-type).
    """
    kept, given_up = Kept(cluster, context.request), discarded_types(context.request)
    for obj in own_objects(cluster):
        if is_federated(obj) or obj.kind.key in federation.RECORD_KEYS:
            continue
        if obj.kind.resource in given_up:
            yield Removal(obj, f"its type {obj.kind.resource} is given up with every object (--discard)")
        elif not kept.keeps_object(obj):
            yield Removal(obj, f"its API group {obj.kind.group} is KubeSphere's")


def remove_types(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """The CRDs that KubeSphere and its kubefed brought, once no object of theirs is left; then what ends for others."""
    items = list(_removable_types(cluster, context))
    yield from items
    gone = {item.obj.name for item in items if isinstance(item, Removal)} | {*context.request.kept_types}
    yield from orphaned_conversions(cluster, context.request, gone)


def _removable_types(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    users, kept = groups_of_foreign_operators(cluster), Kept(cluster, context.request)
    given_up, named = discarded_types(context.request), context.request.kept_types
    yield from kept.kept_types()
    for crd in own_types(cluster):
        if crd.name in named:
            continue
        if crd.name in given_up:
            yield Removal(crd, "given up with every object of it (--discard)")
        elif kept.keeps_type(crd):
            yield Skipped(cluster.name, crd.title, "users' objects of this type stay")
        elif proof := type_proof(crd, users) or _extension_type_proof(cluster, crd, users):
            yield Removal(crd, proof)
        else:
            yield Skipped(cluster.name, crd.title, "nothing proves that it is KubeSphere's alone")


def _extension_type_proof(cluster: ClusterFacts, crd: Obj, users: Mapping[str, str]) -> str | None:
    return None if crd.spec["group"] in users else catalogue.extensions_of(cluster).proof(crd)


def remove_namespaces(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """KubeSphere's own namespaces, and shared ones with nothing else inside, without those of kept operators."""
    kept = Kept(cluster, context.request).namespaces
    yield from forgone_objects(cluster, context.request)
    for namespace in cluster.of(NAMESPACE_KEY):
        entry = catalogue.own_namespace_entry(namespace)
        if namespace.name in kept:
            yield Skipped(cluster.name, namespace.title, _why_kept(cluster, namespace, context.request))
        elif entry:
            yield Removal(namespace, f"KubeSphere's own namespace: {entry.created_by}")
    yield from going_namespaces(cluster, context)


def _why_kept(cluster: ClusterFacts, namespace: Obj, request: Request) -> str:
    """Why a namespace stays; of a shared one no later plan can tell whose it is, once its label is off."""
    name = kept_homes(request)[namespace.name]
    flag = "--keep-operator" if name in request.kept_operators else "--keep"
    why = f"{name} in it is kept ({flag})"
    known = [e for e in component_entries().values() if namespace.name in e.namespaces]
    staying = [entry for entry in known if entry.name in staying_components(cluster, request)]
    if others := sorted({component_word(entry.name) for entry in staying} - {name}):
        why += f", and so is what runs beside it: {', '.join(others)}"
    if ends := [entry.ends for entry in staying if entry.ends]:
        why += f". Without KubeSphere's core: {'; '.join(ends)}"
    entry = catalogue.shared_namespace(namespace.name)
    return f"{why}; {later_command(cluster, namespace)}" if entry and entry.labelled else why


def remove_roles(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """The roles and bindings proven to be KubeSphere's, in users' namespaces and cluster-wide.

    A role used by a binding of somebody else stays, without KubeSphere's marks; so does one that an object of a kept
    operator owns. With --leave the bindings of people in their own namespaces stay likewise, with their roles.
    """
    kept = Kept(cluster, context.request)
    yield from bindings_of_own_accounts(cluster, context.request)
    for item in _removable_roles(cluster, context.request):
        if isinstance(item, Removal) and catalogue.delivered_component(item.obj) in kept.components:
            continue
        if not isinstance(item, Removal) or not any(
            kept.keeps_owner(owner.group, owner.kind) for owner in item.obj.owners
        ):
            yield item


def _removable_roles(cluster: ClusterFacts, request: Request) -> Iterable[Removal | Skipped]:
    staying = {obj.uid for obj in people.project_bindings(cluster)} if request.leave else set()
    of_extension = catalogue.extensions_of(cluster).proof
    bindings = [*cluster.of(CLUSTER_ROLE_BINDING_KEY), *cluster.of(ROLE_BINDING_KEY)]
    proofs = [(o, catalogue.cluster_role_binding_proof(o) or catalogue.role_binding_proof(o)) for o in bindings]
    proofs = [(obj, proof or of_extension(obj)) for obj, proof in proofs]
    for obj, proof in proofs:
        if obj.uid in staying:
            yield Skipped(cluster.name, obj.title, people.KEPT)
        elif proof:
            yield Removal(obj, proof)
    yield from _unused_roles(cluster, [obj for obj, proof in proofs if not proof or obj.uid in staying], staying)
    for obj in cluster.of(SIGNING_REQUEST_KEY):
        if USERNAME_LABEL in obj.labels:
            yield Removal(obj, "label kubesphere.io/username: KubeSphere made it, with a private key in an annotation")


def _unused_roles(cluster: ClusterFacts, bindings: list[Obj], staying: set[str]) -> Iterable[Removal | Skipped]:
    """The roles that none of these bindings uses, which are not KubeSphere's, or are `staying` by their UID."""
    extensions, users = catalogue.extensions_of(cluster), catalogue.RoleUsers(bindings, staying)
    for obj in (*cluster.of(CLUSTER_ROLE_KEY), *cluster.of(ROLE_KEY)):
        is_cluster_wide = obj.kind.key == CLUSTER_ROLE_KEY
        proof = catalogue.cluster_role_proof(obj) if is_cluster_wide else catalogue.role_proof(obj)
        proof = proof or extensions.proof(obj)
        foreign = users.foreign_bindings(obj) if proof else ()
        if proof and foreign:
            names = ", ".join(binding.name for binding in foreign)
            marked = f"keeps {HELM_RELEASE_NAMESPACE_ANNOTATION}: " if extensions.release_of(obj) else ""
            whose = "stays" if staying.intersection(binding.uid for binding in foreign) else "is not KubeSphere's"
            yield Skipped(cluster.name, obj.title, f"{marked}bound by {names}, which {whose}")
        elif proof:
            yield Removal(obj, proof)


def remove_webhooks(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """KubeSphere's webhooks and aggregated APIs, known by the Service they call; their backends are stopped.

    With failurePolicy Fail they refuse every later finalizer patch (ks-installer v3.3.1, roles/ks-multicluster;
    kubefed v0.8.1, charts/kubefed).
    """
    kept, extensions = Kept(cluster, context.request).namespaces, catalogue.extensions_of(cluster)
    for key in WEBHOOK_KEYS:
        for obj in cluster.of(key):
            proof = catalogue.webhook_proof(obj) or extensions.proof(obj)
            if proof and not any(namespace in kept for namespace, _ in called_services(obj)):
                yield Removal(obj, proof)
    for proven in SharedNamespaces(cluster, context.request).proven():
        if proven.obj.kind.key in WEBHOOK_KEYS:
            yield Removal(proven.obj, proven.why, proven.anchor.uid)
    for obj in cluster.of(API_SERVICE_KEY):
        service = obj.spec.get("service") or {}
        proof = (catalogue.apiservice_proof(obj) or extensions.proof(obj)) if service else None
        if proof and service.get("namespace") not in kept:
            yield Removal(obj, proof)
            yield from autoscalers_without_metrics(cluster, obj)


def remove_dead_webhooks(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal]:
    """KubeSphere's and kubefed's webhooks without a backend after the pause, if they refuse changes of the records.

    kubefed's covers each change of a KubeFedCluster and fails closed (kubefed v0.8.1, charts/kubefed/charts/
    controllermanager/templates/webhook.yaml). Its chart brings it back with the next upgrade. One whose backend still
    answers stays.
    """
    records = records_of_leavers(context) if cluster is context.facts.host else []
    for key in WEBHOOK_KEYS:
        for obj in cluster.of(key):
            proof = catalogue.webhook_proof(obj)
            if proof and any(_refuses_changes(cluster, context, obj, record) for record in records):
                yield Removal(obj, f"nobody answers, and it covers the records that go; {proof}")


def _refuses_changes(cluster: ClusterFacts, context: StepContext, configuration: Obj, record: Obj) -> bool:
    namespace = cluster.get(NAMESPACE_KEY, record.namespace)
    labels = namespace.labels if namespace else None
    covering = [
        hook
        for hook in webhooks_of(configuration)
        if hook.get("failurePolicy", "Fail") == "Fail"
        and any(is_webhook_called(hook, record.kind, operation, record.labels, labels) for operation in OPERATIONS)
    ]
    return bool(covering) and any(
        not is_answered(cluster, context, service) for service in called_services(configuration)
    )


REMOVE_TENANTS = Step(
    "remove-tenants",
    "Their namespaces are severed and their finalizers removed, so their deletion takes nothing along.",
    after=("prove-quiet", "sever", "release-finalizers"),
    removes=remove_tenants,
)
REMOVE_TYPES = Step(
    "remove-types",
    "The deletion of a CRD waits for the finalizers of its objects, so types go last; others' types are left alone.",
    after=("remove-federated", "remove-records", "remove-tenants"),
    removes=remove_types,
)
REMOVE_NAMESPACES = Step(
    "remove-namespaces",
    "The objects with finalizers in them are deleted by now, so they do not remain in Terminating.",
    after=("remove-types",),
    removes=remove_namespaces,
)
REMOVE_ROLES = Step(
    "remove-roles",
    "They grant rights to accounts that no longer exist; only what is provably KubeSphere's is deleted.",
    after=("prove-quiet", "remove-tenants"),
    removes=remove_roles,
)
REMOVE_WEBHOOKS = Step(
    "remove-webhooks",
    "A webhook without its backend refuses every write that it covers, so webhooks go before the objects they cover.",
    after=("prove-quiet",),
    removes=remove_webhooks,
)
REMOVE_DEAD_WEBHOOKS = Step(
    "remove-dead-webhooks",
    "A webhook without its backend refuses the patch of a record's finalizer, and the record stays.",
    after=("prove-paused",),
    removes=remove_dead_webhooks,
)
