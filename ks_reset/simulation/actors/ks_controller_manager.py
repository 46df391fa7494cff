"""KubeSphere's controllers: Workspaces and the namespaces in them, applications, and finalizers.

kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, pkg/controller/workspace/workspace_controller.go,
pkg/controller/openpitrix/helmrelease/helm_release_controller.go; for applications of 4.x kubesphere v4.1.3,
pkg/controller/application/apprelease_controller.go and executor.go: helm's release has the name of the
ApplicationRelease. The objects of one made from YAML, without helm, have no mark of it, and are not known.
From 4.1.3 on namespaces name no Workspace as owner, and the deletion of a Workspace deletes the namespaces with its
label if an annotation says so (kubesphere v4.1.3, pkg/controller/workspace/workspace_controller.go:
workspaceCascadingDeletion). The tag of the image tells the version; without one, the finalizer of 4.1.3 on the objects
does, and without both the version with the greater loss is assumed.
Templates are in workspace_templates.py, Clusters in clusters.py.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    APPLICATION_RELEASE_KEY,
    CASCADING_FINALIZER,
    CLUSTER_KEY,
    CLUSTER_NAME_LABEL,
    HELM_RELEASE_FINALIZER,
    HELM_RELEASE_KEY,
    HELM_RELEASE_NAMESPACE_ANNOTATION,
    KS_CONTROLLER_MANAGER,
    KUBEFED_CORE_GROUP,
    KUBEFED_DOMAIN,
    KUBEFED_MANAGED_LABEL,
    NAMESPACE_KEY,
    NAMESPACE_NAME_LABEL,
    PROPAGATION_ANNOTATION,
    WORKSPACE_KEY,
    WORKSPACE_LABEL,
    WORKSPACE_TEMPLATE_KEY,
)
from ks_reset.simulation.actors.manager_version import (
    UNBOUND,
    may_cascade,
    may_spread,
    running_clusters,
    running_versions,
)
from ks_reset.simulation.api_server import BACKGROUND, after_deletion, after_release, reason_survived
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, OwnerRef, SimObject
from ks_reset.simulation.releases import is_released, releaser_name
from ks_reset.simulation.state import State

ACTOR = KS_CONTROLLER_MANAGER
NAMESPACES = "kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go"
RELEASES = "kubesphere v3.3.1, pkg/controller/openpitrix/helmrelease/helm_release_controller.go"
CASCADES = "kubesphere v4.1.3, pkg/controller/workspace/workspace_controller.go"

KUBEFED = (KUBEFED_DOMAIN, KUBEFED_CORE_GROUP)
LABEL_FIELD = f"metadata.labels[{WORKSPACE_LABEL}]"
FINISHED = "its controller has finished"


def release_finalizers(state: State) -> Iterable[Transition]:
    """Finalizers it may remove next from objects being deleted: namespaces, Workspaces, its other own types.

    The operators of its components remove those of their types, if they run.
    """
    running = running_clusters(state)
    for subject in state.objects.values():
        if subject.deleting and subject.finalizers:
            own = tuple(f for f in subject.finalizers if catalogue.is_own_key(f) and not f.startswith(KUBEFED))
            own = tuple(f for f in own if is_released(state, subject, f, subject.id.cluster in running))
            busy = _has_application(state, subject) or _namespaces_to_delete(state, subject)
            if own and not busy and not _is_taken_down(state, subject):
                who = releaser_name(subject, own[0])
                yield release_object(subject, own, f"{', '.join(own)}: {FINISHED}", NAMESPACES, who)


def uninstall_applications(state: State) -> Iterable[Transition]:
    """Deletions of the objects of a release being deleted, then the release of its finalizers."""
    running = running_clusters(state)
    for release in (*state.of_kind(HELM_RELEASE_KEY), *state.of_kind(APPLICATION_RELEASE_KEY)) if running else ():
        if release.deleting and release.id.cluster in running:
            dependents = _objects_of_release(state, release)
            for dependent, why in dependents:
                field = "metadata.deletionTimestamp"
                yield delete_object(state, dependent, release, field, why, RELEASES, BACKGROUND)  # helm's own default
            if not dependents:
                own = tuple(f for f in release.finalizers if catalogue.is_own_key(f))
                yield release_object(release, own, FINISHED, RELEASES)


def delete_namespaces(state: State) -> Iterable[Transition]:
    """Deletions of namespaces labelled with a Workspace being deleted, if PROPAGATION_ANNOTATION asks for them."""
    for workspace in state.of_kind(WORKSPACE_KEY):
        for namespace in _namespaces_to_delete(state, workspace):
            name = workspace.id.name
            why = f"Workspace {name} is being deleted, and {PROPAGATION_ANNOTATION} says to delete its namespaces"
            yield delete_object(state, namespace, workspace, LABEL_FIELD, why, CASCADES)


def bind_namespaces(state: State) -> Iterable[Transition]:
    """Owner references to the Workspace of their label it may add to namespaces; garbage collection obeys these."""
    for _, namespace, workspace in _labelled_namespaces(state):
        if workspace is None or workspace.deleting or namespace.label_value(KUBEFED_MANAGED_LABEL) == "true":
            continue
        tie = OwnerRef(WORKSPACE_KEY, workspace.id.name, workspace.uid, True)
        if tie.uid not in {owner.uid for owner in namespace.owners} and _sets_owner(state, namespace, workspace):
            after = namespace.with_fields(owners=(*_other_owners(namespace), tie))
            why = f"its label says that it belongs to {workspace.id.title}"
            yield Transition(ACTOR, Effect.BINDS, namespace.id, after, workspace.id, LABEL_FIELD, why, NAMESPACES)


def unbind_namespaces(state: State) -> Iterable[Transition]:
    """Namespaces it may take label and owner from next: their Workspace is gone or being deleted."""
    for _, namespace, workspace in _labelled_namespaces(state):
        owned = any(owner.key == WORKSPACE_KEY for owner in namespace.owners)
        gone = workspace is None or (workspace.deleting and not _deletes_namespaces(state, workspace))
        if gone and (owned or workspace) and namespace.label_value(KUBEFED_MANAGED_LABEL) != "true":
            after = namespace.without_label(WORKSPACE_LABEL).with_fields(owners=_other_owners(namespace))
            why = "its Workspace is gone or being deleted"
            yield Transition(ACTOR, Effect.UNTIES, namespace.id, after, None, WORKSPACE_LABEL, why, NAMESPACES)


def release_object(
    subject: SimObject, finalizers: tuple[str, ...], why: str, source: str, actor: str = ACTOR
) -> Transition:
    after = after_release(subject.without_finalizer(*finalizers))
    return Transition(actor, Effect.LETS_GO, subject.id, after, None, "metadata.finalizers", why, source)


def delete_object(
    state: State, subject: SimObject, cause: SimObject, field: str, why: str, source: str, policy: str = ""
) -> Transition:
    refused = reason_survived(state, subject)
    after = subject if refused else after_deletion(subject, policy)
    return Transition(ACTOR, Effect.DELETES, subject.id, after, cause.id, field, why, source, refused)


def _labelled_namespaces(state: State) -> Iterable[tuple[str, SimObject, SimObject | None]]:
    """Cluster, namespace and Workspace of each labelled namespace not being deleted, where the controller runs."""
    running = running_clusters(state)
    for namespace in state.of_kind(NAMESPACE_KEY) if running else ():
        name, cluster = namespace.label_value(WORKSPACE_LABEL), namespace.id.cluster
        if name is not None and not namespace.deleting and cluster in running:
            yield cluster, namespace, state.objects.get(Id(cluster, WORKSPACE_KEY, "", name))


def _objects_of_release(state: State, release: SimObject) -> list[tuple[SimObject, str]]:
    """The objects its deletion uninstalls, and the reason: those with its name on the label KubeSphere's helm writes.

    Helm's own annotations say it as well (helm v3.19.5, pkg/action/validate.go, setMetadataVisitor). They are in the
    namespace and on the cluster of its labels, or cluster-wide there. Without the finalizer the release goes and the
    application stays (kubesphere v3.3.1, pkg/controller/openpitrix/helmrelease, uninstallHelmRelease;
    staging/src/kubesphere.io/api/application/v1alpha1/helmrelease_types.go, GetTrueName, GetRlsNamespace).
    """
    if HELM_RELEASE_FINALIZER not in release.finalizers:
        return []
    name, namespace = _name_in_helm(release), release.label_value(NAMESPACE_NAME_LABEL)
    clusters = _clusters_of_release(state, release)
    why = f"the application's release {release.id.name} ({name}) is being deleted, which uninstalls it"
    return [
        (subject, why)
        for subject in state.by_application.get(name, ())
        if subject.id.cluster in clusters
        and not subject.deleting
        and (not namespace or subject.id.namespace in ("", namespace))
        and namespace in (None, subject.obj.annotations.get(HELM_RELEASE_NAMESPACE_ANNOTATION, namespace))
    ]


def _name_in_helm(release: SimObject) -> str:
    return release.id.name if release.id.key == APPLICATION_RELEASE_KEY else str(release.obj.spec.get("name", ""))


def _clusters_of_release(state: State, release: SimObject) -> frozenset[str]:
    """The identities of the clusters with its application: all, if the one behind its Cluster is unknown.

    A release of a Cluster that is gone or being deleted uninstalls nothing. Without any Cluster the label is not read.
    """
    own, name = release.id.cluster, release.label_value(CLUSTER_NAME_LABEL)
    if not name or not any(cluster.id.cluster == own for cluster in state.of_kind(CLUSTER_KEY)):
        return frozenset({own})
    cluster = state.objects.get(Id(own, CLUSTER_KEY, "", name))
    if cluster is None or cluster.deleting:
        return frozenset()
    identity = state.identity_by_connection.get(name)
    return frozenset({identity} if identity else {world.identity for world in state.facts.clusters})


def _namespaces_to_delete(state: State, workspace: SimObject) -> list[SimObject]:
    """The namespaces a Workspace being deleted takes along, without those already being deleted."""
    if workspace.id.key != WORKSPACE_KEY or not workspace.deleting or not _deletes_namespaces(state, workspace):
        return []
    return [namespace for _, namespace, owner in _labelled_namespaces(state) if owner == workspace]


def _deletes_namespaces(state: State, workspace: SimObject) -> bool:
    """Whether its deletion deletes its namespaces, by its annotation."""
    policy = workspace.obj.annotations.get(PROPAGATION_ANNOTATION)
    return policy in ("Foreground", "Background") and may_cascade(state, workspace.id.cluster)


def _is_taken_down(state: State, subject: SimObject) -> bool:
    """Whether the finalizers of this object wait for others: a template's, and a Cluster's in 4.x."""
    key, cluster = subject.id.key, subject.id.cluster
    return key == WORKSPACE_TEMPLATE_KEY or (key == CLUSTER_KEY and may_spread(state, cluster))


def _has_application(state: State, subject: SimObject) -> bool:
    return subject.id.key in (HELM_RELEASE_KEY, APPLICATION_RELEASE_KEY) and bool(_objects_of_release(state, subject))


def _other_owners(namespace: SimObject) -> tuple[OwnerRef, ...]:
    """The owners that are neither Workspaces nor templates, by kind alone (kubesphere v3.3.1, pkg/utils/k8sutil)."""
    return tuple(o for o in namespace.owners if o.key.partition(".")[0] not in ("Workspace", "WorkspaceTemplate"))


def _sets_owner(state: State, namespace: SimObject, workspace: SimObject) -> bool:
    """Whether a running version makes the Workspace the owner: one before 4.1.3, or an unknown one without its mark."""
    is_marked = CASCADING_FINALIZER in (*namespace.finalizers, *workspace.finalizers)
    return any(
        version < UNBOUND if version else not is_marked for version in running_versions(state, namespace.id.cluster)
    )
