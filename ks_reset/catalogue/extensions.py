"""Extensions of KubeSphere 4 in one cluster: their namespaces, helm releases and objects, each with a proof.

kubesphere v4.1.1 and v4.1.3, pkg/controller/core/installplan_controller.go. createNamespaceIfNotExists writes three
labels on the namespace `extension-<name>`, on the host and on each member of the placement, and leaves a namespace
that exists as it is. initTargetNamespace writes the account `helm-executor.<name>` into the namespace, and roles and
bindings `kubesphere:<name>:helm-executor`. The release is called `<name>` on the host, and `<name>-agent` for the
agent. An extension may ask for a namespace of another name (ExtensionVersion spec.namespace); of these only
KubeSphere's own in the catalogue count.

helm writes a label and two annotations onto each object of a release, except of its folder crds/ (helm v3.19.5,
pkg/action/validate.go, setMetadataVisitor). They are copied with an object. So outside of KubeSphere's namespaces the
object must be of no user's namespace, and lead back into KubeSphere's, where its type leads anywhere. In kube-system
only types without data or programs count, without a namespace only types of Kubernetes itself: users refer to others.
"""

from functools import cached_property

from ks_reset.catalogue.entries import NamespaceEntry
from ks_reset.catalogue.extension_hooks import hook_release
from ks_reset.catalogue.marks import is_own_group
from ks_reset.catalogue.names import (
    API_SERVICE_KEY,
    CRD_KEY,
    ENDPOINT_SLICE_KEY,
    ENDPOINTS_KEY,
    EXTENSION_LABEL,
    HELM_MANAGED_BY_LABEL,
    HELM_RELEASE_NAME_ANNOTATION,
    HELM_RELEASE_NAMESPACE_ANNOTATION,
    HELM_RESOURCE_POLICY_ANNOTATION,
    KUBE_SYSTEM_NAMESPACE,
    KUBESPHERE_MANAGED_LABEL,
    NAMESPACE_KEY,
    ROLE_BINDING_KEY,
    ROLE_KEY,
    SECRET_KEY,
    SERVICE_ACCOUNT_KEY,
    SERVICE_KEY,
    WEBHOOK_KEYS,
    WORKSPACE_LABEL,
)
from ks_reset.catalogue.namespaces import system_namespace
from ks_reset.model import ClusterFacts, Obj

SYSTEM_WORKSPACE = "system-workspace"
SOURCE = "kubesphere@v4.1.3:pkg/controller/core/installplan_controller.go"
CALLERS = (*WEBHOOK_KEYS, API_SERVICE_KEY)
BINDINGS = ("RoleBinding", "ClusterRoleBinding")
MONITORS = ("ServiceMonitor.monitoring.coreos.com", "PodMonitor.monitoring.coreos.com")
WITHOUT_DATA = (SERVICE_KEY, ENDPOINTS_KEY, ENDPOINT_SLICE_KEY, ROLE_KEY, ROLE_BINDING_KEY, *MONITORS)
"""The types of which helm's marks count in kube-system: they hold neither data nor credentials, and run nothing."""
BUILT_IN_GROUPS = frozenset({"", "apps", "autoscaling", "batch", "extensions", "policy"}) | {
    f"{name}.k8s.io"
    for name in (
        *("admissionregistration", "apiextensions", "apiregistration", "authentication", "authorization"),
        *("certificates", "coordination", "discovery", "events", "flowcontrol.apiserver", "internal.apiserver"),
        *("networking", "node", "rbac.authorization", "resource", "scheduling", "storage", "storagemigration"),
    )
}
"""The API groups of Kubernetes itself (kubernetes v1.34.4, hack/lib/init.sh, KUBE_AVAILABLE_GROUP_VERSIONS, with those
of apiextensions-apiserver and kube-aggregator). Others under k8s.io, such as snapshot.storage.k8s.io, are of CRDs."""


def extension_of_namespace(namespace: Obj) -> str:
    """The extension for which KubeSphere made this namespace, proven by name and labels together; "" for another one.

    The label of the Workspace may be gone: the script after an uninstall of ks-core takes it off (kubesphere v4.1.3,
    config/ks-core/charts/ks-crds/scripts/post-delete.sh).
    """
    labels = namespace.labels
    extension = labels.get(EXTENSION_LABEL, "")
    named = bool(extension) and namespace.name == f"extension-{extension}"
    in_system = labels.get(WORKSPACE_LABEL, SYSTEM_WORKSPACE) == SYSTEM_WORKSPACE
    return extension if named and in_system and labels.get(KUBESPHERE_MANAGED_LABEL) == "true" else ""


def own_namespace_entry(namespace: Obj) -> NamespaceEntry | None:
    """The entry of a namespace that is KubeSphere's own, by name or as an extension's; None for any other."""
    extension = extension_of_namespace(namespace)
    return system_namespace(namespace.name) or (_entry_of(extension) if extension else None)


def own_namespace(cluster: ClusterFacts, name: str) -> NamespaceEntry | None:
    """The entry of the namespace of this name on a cluster, if it is KubeSphere's own."""
    return system_namespace(name) or extensions_of(cluster).entries.get(name)


def extensions_of(cluster: ClusterFacts) -> "Extensions":
    """The extensions on a cluster."""
    return cluster.once(Extensions)


class Extensions:
    """The extensions on one cluster."""

    def __init__(self, cluster: ClusterFacts) -> None:
        self._cluster = cluster

    @cached_property
    def by_namespace(self) -> dict[str, str]:
        """The extension of each namespace made for one."""
        found = ((namespace.name, extension_of_namespace(namespace)) for namespace in self._cluster.of(NAMESPACE_KEY))
        return {name: extension for name, extension in found if extension}

    @cached_property
    def entries(self) -> dict[str, NamespaceEntry]:
        """The entries of these namespaces."""
        return {name: _entry_of(extension) for name, extension in self.by_namespace.items()}

    @cached_property
    def releases(self) -> frozenset[tuple[str, str]]:
        """Namespace and name of each helm release of an extension that has its record, in KubeSphere's namespaces.

        The account of the executor in a namespace says which extensions are there.
        """
        accounts = (obj for obj in self._cluster.of(SERVICE_ACCOUNT_KEY) if executor_proof(obj))
        homes = {*self.by_namespace.items(), *((obj.namespace, obj.labels[EXTENSION_LABEL]) for obj in accounts)}
        wanted = {(home, name) for home, extension in homes for name in (extension, f"{extension}-agent")}
        records = (_release_of_record(secret) for secret in self._cluster.of(SECRET_KEY))
        return frozenset(release for release in records if release in wanted and self._is_own(release[0]))

    def proof(self, obj: Obj) -> str | None:
        """The proof that an object is an extension's, as a phrase; None without."""
        if obj.kind.key == SECRET_KEY and _release_of_record(obj) in self.releases:
            return "it is the record of an extension's helm release"
        if not self.reason_kept(obj) and (release := self.release_of(obj) or hook_release(obj, self.releases)):
            return f"it is of the extension's helm release {release[0]}/{release[1]}"
        return executor_proof(obj) or self.backend_proof(obj)

    def backend_proof(self, obj: Obj) -> str | None:
        """The proof by the Services that webhooks or an aggregated API call: all in namespaces of extensions.

        Programs in them write webhooks themselves, which are of no release.
        """
        homes = set(_homes_led_to(obj) or ()) if obj.kind.key in CALLERS else set()
        if homes and homes <= self.by_namespace.keys():
            return f"each Service that it calls lies in {', '.join(sorted(homes))}, a namespace of an extension"
        return None

    def release_of(self, obj: Obj) -> tuple[str, str] | None:
        """The release of an extension that helm's label and annotations on an object name; None for none."""
        release = (
            obj.annotations.get(HELM_RELEASE_NAMESPACE_ANNOTATION, ""),
            obj.annotations.get(HELM_RELEASE_NAME_ANNOTATION, ""),
        )
        return release if obj.labels.get(HELM_MANAGED_BY_LABEL) == "Helm" and release in self.releases else None

    def reason_kept(self, obj: Obj) -> str:
        """Why helm's label and annotations prove nothing for this object, or do not suffice; "" if they do."""
        if self._is_own(obj.namespace):
            return ""
        if obj.namespace and obj.namespace != KUBE_SYSTEM_NAMESPACE:
            return f"it lies in {obj.namespace}, a namespace of users, and may be a copy"
        homes = _homes_led_to(obj)
        other = next((home for home in homes or () if not self._is_own(home)), None)
        if homes is not None and (other is not None or not homes):
            return f"it leads to {other or 'nowhere'}, which is not KubeSphere's, and may be a copy"
        own_type = obj.kind.key == CRD_KEY and is_own_group(str(obj.spec.get("group", "")))
        return "" if own_type or obj.kind.key in CALLERS else _reason_not_enough(obj)

    def covers(self, obj: Obj, below: frozenset[str] = frozenset()) -> bool:
        """Whether an object is an extension's, or made for one that is. `below` are the UIDs it was reached from.

        An owner with helm's marks may stay by `reason_kept`; then it is judged itself, and what it owns follows it.
        """
        if self.proof(obj):
            return True
        if obj.uid in below:
            return False
        found = [self._owner(f"{o.kind}.{o.group}".rstrip("."), o.name, obj.namespace) for o in obj.owners]
        owners = [owner for owner, named in zip(found, obj.owners, strict=True) if owner and owner.uid == named.uid]
        complete = bool(owners) and len(owners) == len(obj.owners)
        return complete and all(self._is_marked(o) or self.covers(o, below | {obj.uid}) for o in owners)

    def _owner(self, key: str, name: str, namespace: str) -> Obj | None:
        """The owner in the namespace of its dependent, or without a namespace."""
        return self._cluster.get(key, name, namespace) or self._cluster.get(key, name)

    def _is_marked(self, owner: Obj) -> bool:
        """Whether helm's marks alone speak for an owner, where no user is known to be at home."""
        return owner.namespace in ("", KUBE_SYSTEM_NAMESPACE) and self.release_of(owner) is not None

    def _is_own(self, namespace: str) -> bool:
        return bool(namespace) and (namespace in self.by_namespace or system_namespace(namespace) is not None)


def _reason_not_enough(obj: Obj) -> str:
    """Why more than helm's marks is asked for this object, outside of KubeSphere's namespaces; "" if they suffice.

    helm deletes no object with the annotation (helm v3.19.5, pkg/action/resource_policy.go, filterManifestsToKeep).
    """
    if policy := obj.annotations.get(HELM_RESOURCE_POLICY_ANNOTATION):
        return f"{HELM_RESOURCE_POLICY_ANNOTATION}: {policy} says that it outlives its release"
    if obj.namespace and obj.kind.key not in WITHOUT_DATA:
        return f"it lies in {obj.namespace}, may be a copy, and its type holds data or runs programs"
    if not obj.namespace and obj.kind.group not in BUILT_IN_GROUPS and not is_own_group(obj.kind.group):
        return f"its API group {obj.kind.group} is not KubeSphere's, and users' objects may refer to it"
    return ""


def executor_proof(obj: Obj) -> str | None:
    """The proof that an object is the account or a right of helm's executor for an extension; None without."""
    extension = obj.labels.get(EXTENSION_LABEL, "")
    account, rights = f"helm-executor.{extension}", f"kubesphere:{extension}:helm-executor"
    is_account = obj.kind.key == SERVICE_ACCOUNT_KEY and obj.name == account
    is_role = obj.kind.kind in ("Role", "ClusterRole") and obj.name == rights
    is_binding = obj.kind.kind in BINDINGS and obj.name == rights and _binds(obj, account, rights)
    if not extension or not (is_account or is_role or is_binding):
        return None
    return f"name and label {EXTENSION_LABEL} say that KubeSphere made it to install its extension {extension}"


def _binds(binding: Obj, account: str, role: str) -> bool:
    subjects = [(s.get("kind"), s.get("name")) for s in binding.body.get("subjects") or []]
    return (binding.body.get("roleRef") or {}).get("name") == role and subjects == [("ServiceAccount", account)]


def _homes_led_to(obj: Obj) -> list[str] | None:
    """The namespaces that an object leads to, those of subjects or of Services called; None for other types.

    A subject without a namespace, a User or a Group, is somebody outside.
    """
    if obj.kind.kind in BINDINGS:
        return [str(subject.get("namespace") or subject.get("name")) for subject in obj.body.get("subjects") or []]
    if obj.kind.key in WEBHOOK_KEYS:
        clients = [(hook.get("clientConfig") or {}) for hook in obj.body.get("webhooks") or []]
        return [str((client.get("service") or {}).get("namespace") or client.get("url")) for client in clients]
    if obj.kind.key == API_SERVICE_KEY:
        return [str((obj.spec.get("service") or {}).get("namespace", ""))]
    return None


def _release_of_record(secret: Obj) -> tuple[str, str]:
    """helm v3.19.5, pkg/storage/driver/secrets.go, newSecretsObject."""
    name = secret.labels.get("name", "")
    recorded = secret.labels.get("owner") == "helm" and secret.name.startswith(f"sh.helm.release.v1.{name}.v")
    return (secret.namespace, name) if recorded else ("", "")


def _entry_of(extension: str) -> NamespaceEntry:
    return NamespaceEntry(
        name=f"extension-{extension}",
        remove="yes",
        created_by=f"KubeSphere 4 made it for its extension {extension}",
        since="4.1.1",
        until="",
        component="extensions",
        source=(SOURCE,),
    )
