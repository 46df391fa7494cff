"""KubeSphere's controllers: Workspaces and the namespaces in them, templates, applications, and finalizers.

kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, pkg/controller/workspace/workspace_controller.go,
pkg/controller/workspacetemplate/workspacetemplate_controller.go,
pkg/controller/openpitrix/helmrelease/helm_release_controller.go. From 4.1.3 on namespaces name no Workspace as owner,
and the deletion of a Workspace deletes the namespaces with its label if an annotation says so (kubesphere v4.1.3,
pkg/controller/workspace/workspace_controller.go: workspaceCascadingDeletion). The tag of the image tells the version;
without one, the finalizer of 4.1.3 on the objects does, and without both the version with the greater loss is assumed.
"""

import re
from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CASCADING_FINALIZER,
    CLUSTER_KEY,
    CLUSTER_NAME_LABEL,
    FEDERATED_WORKSPACE_KEY,
    HELM_RELEASE_FINALIZER,
    HELM_RELEASE_KEY,
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
from ks_reset.simulation.api_server import BACKGROUND, after_deletion, after_release, reason_survived
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, OwnerRef, SimObject
from ks_reset.simulation.releases import is_released, releaser_name
from ks_reset.simulation.state import State

ACTOR = KS_CONTROLLER_MANAGER
NAMESPACES = "kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go"
TEMPLATES = "kubesphere v3.3.1, pkg/controller/workspacetemplate/workspacetemplate_controller.go"
RELEASES = "kubesphere v3.3.1, pkg/controller/openpitrix/helmrelease/helm_release_controller.go"


Version = tuple[int, ...]
UNBOUND = (4, 1, 3)
CASCADES = "kubesphere v4.1.3, pkg/controller/workspace/workspace_controller.go"

KUBEFED = (KUBEFED_DOMAIN, KUBEFED_CORE_GROUP)
LABEL_FIELD = f"metadata.labels[{WORKSPACE_LABEL}]"
FINISHED = "its controller has finished"


def running_clusters(state: State) -> list[str]:
    """The identities of the clusters with a process of ks-controller-manager."""
    return sorted({i.cluster for i in state.alive if i in state.objects and _is_manager(state.objects[i])})


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
            if own and subject.id.key != WORKSPACE_TEMPLATE_KEY and not busy:
                who = releaser_name(subject, own[0])
                yield _release(subject, own, f"{', '.join(own)}: {FINISHED}", NAMESPACES, who)


def delete_dependents(state: State) -> Iterable[Transition]:
    """Deletions for a template or a release being deleted: its Workspace and namespaces, or its application."""
    running = running_clusters(state)
    for parent in (
        (*state.by_kind.get(WORKSPACE_TEMPLATE_KEY, ()), *state.by_kind.get(HELM_RELEASE_KEY, ())) if running else ()
    ):
        if parent.deleting and parent.id.cluster in running:
            is_template = parent.id.key == WORKSPACE_TEMPLATE_KEY
            dependents = _dependents_of_template(state, parent) if is_template else _objects_of_release(state, parent)
            source, policy = (TEMPLATES, "") if is_template else (RELEASES, BACKGROUND)  # helm's own default
            for dependent, why in dependents:
                yield _delete(state, dependent, parent, "metadata.deletionTimestamp", why, source, policy)
            if not dependents:
                own = tuple(f for f in parent.finalizers if catalogue.is_own_key(f))
                yield _release(parent, own, FINISHED, TEMPLATES)


def delete_namespaces(state: State) -> Iterable[Transition]:
    """Deletions of namespaces labelled with a Workspace being deleted, if PROPAGATION_ANNOTATION asks for them."""
    for workspace in state.by_kind.get(WORKSPACE_KEY, ()):
        for namespace in _namespaces_to_delete(state, workspace):
            name = workspace.id.name
            why = f"Workspace {name} is being deleted, and {PROPAGATION_ANNOTATION} says to delete its namespaces"
            yield _delete(state, namespace, workspace, LABEL_FIELD, why, CASCADES)


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


def _release(subject: SimObject, finalizers: tuple[str, ...], why: str, source: str, actor: str = ACTOR) -> Transition:
    after = after_release(subject.without_finalizer(*finalizers))
    return Transition(actor, Effect.LETS_GO, subject.id, after, None, "metadata.finalizers", why, source)


def _delete(
    state: State, subject: SimObject, cause: SimObject, field: str, why: str, source: str, policy: str = ""
) -> Transition:
    refused = reason_survived(state, subject)
    after = subject if refused else after_deletion(subject, policy)
    return Transition(ACTOR, Effect.DELETES, subject.id, after, cause.id, field, why, source, refused)


def _labelled_namespaces(state: State) -> Iterable[tuple[str, SimObject, SimObject | None]]:
    """Cluster, namespace and Workspace of each labelled namespace not being deleted, where the controller runs."""
    running = running_clusters(state)
    for namespace in state.by_kind.get(NAMESPACE_KEY, ()) if running else ():
        name, cluster = namespace.label_value(WORKSPACE_LABEL), namespace.id.cluster
        if name is not None and not namespace.deleting and cluster in running:
            yield cluster, namespace, state.objects.get(Id(cluster, WORKSPACE_KEY, "", name))


def _dependents_of_template(state: State, template: SimObject) -> list[tuple[SimObject, str]]:
    """The releases in it, its Workspace and FederatedWorkspace, with the latter also its namespaces; and the reason.

    Releases and namespaces are those labelled with it (deleteHelmReleases, deleteNamespacesInWorkspace).
    """
    cluster, name = template.id.cluster, template.id.name
    why = f"the template {name} is being deleted"
    federated = state.objects.get(Id(cluster, FEDERATED_WORKSPACE_KEY, "", name))
    workspace = state.objects.get(Id(cluster, WORKSPACE_KEY, "", name))
    dependents = [dependent for dependent in (federated, workspace) if dependent]
    for key in (HELM_RELEASE_KEY, *((NAMESPACE_KEY,) if federated else ())):
        labelled = (s for s in state.by_kind.get(key, ()) if s.label_value(WORKSPACE_LABEL) == name)
        dependents += [subject for subject in labelled if subject.id.cluster == cluster]
    return [(dependent, why) for dependent in dependents if not dependent.deleting]


def _objects_of_release(state: State, release: SimObject) -> list[tuple[SimObject, str]]:
    """The objects its deletion uninstalls, and the reason: those with its name on the label KubeSphere's helm writes.

    They are in the namespace and on the cluster of its labels, or cluster-wide there. Without the finalizer the release
    goes and the application stays (kubesphere v3.3.1, pkg/controller/openpitrix/helmrelease, uninstallHelmRelease;
    staging/src/kubesphere.io/api/application/v1alpha1/helmrelease_types.go, GetTrueName, GetRlsNamespace).
    """
    if HELM_RELEASE_FINALIZER not in release.finalizers:
        return []
    name, namespace = str(release.obj.spec.get("name", "")), release.label_value(NAMESPACE_NAME_LABEL)
    clusters = _clusters_of_release(state, release)
    why = f"the application's release {release.id.name} ({name}) is being deleted, which uninstalls it"
    return [
        (subject, why)
        for subject in state.by_application.get(name, ())
        if subject.id.cluster in clusters
        and not subject.deleting
        and (not namespace or subject.id.namespace in ("", namespace))
    ]


def _clusters_of_release(state: State, release: SimObject) -> frozenset[str]:
    """The identities of the clusters with its application: all, if the one behind its Cluster is unknown.

    A release of a Cluster that is gone or being deleted uninstalls nothing. Without any Cluster the label is not read.
    """
    own, name = release.id.cluster, release.label_value(CLUSTER_NAME_LABEL)
    if not name or not any(cluster.id.cluster == own for cluster in state.by_kind.get(CLUSTER_KEY, ())):
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
    """Whether its deletion deletes its namespaces: by its annotation, or by that of its template being deleted."""
    template = state.objects.get(Id(workspace.id.cluster, WORKSPACE_TEMPLATE_KEY, "", workspace.id.name))
    policies = [s.obj.annotations.get(PROPAGATION_ANNOTATION) for s in (workspace, template) if s and s.deleting]
    versions = _running_versions(state, workspace.id.cluster)
    return bool({"Foreground", "Background"} & set(policies)) and any(v is None or v >= UNBOUND for v in versions)


def _has_application(state: State, subject: SimObject) -> bool:
    return subject.id.key == HELM_RELEASE_KEY and bool(_objects_of_release(state, subject))


def _is_manager(deployment: SimObject) -> bool:
    return (
        catalogue.is_reacting_controller(deployment.obj)
        and catalogue.STOP_ORDER[catalogue.stop_rank(deployment.obj)] == ACTOR
    )


def _other_owners(namespace: SimObject) -> tuple[OwnerRef, ...]:
    return tuple(owner for owner in namespace.owners if owner.key != WORKSPACE_KEY)


def _sets_owner(state: State, namespace: SimObject, workspace: SimObject) -> bool:
    """Whether a running version makes the Workspace the owner: one before 4.1.3, or an unknown one without its mark."""
    is_marked = CASCADING_FINALIZER in (*namespace.finalizers, *workspace.finalizers)
    return any(
        version < UNBOUND if version else not is_marked for version in _running_versions(state, namespace.id.cluster)
    )


def _running_versions(state: State, cluster: str) -> list[Version | None]:
    """The versions of the processes on a cluster; None for an unknown one."""
    running = [state.objects[i] for i in state.alive if i.cluster == cluster and i in state.objects]
    return [_image_version(deployment) for deployment in running if _is_manager(deployment)]


def _image_version(deployment: SimObject) -> Version | None:
    """The version in the tag of the image: `v4.1.3`, `4.1.3-amd64`; None for another tag or a digest alone."""
    containers = ((deployment.obj.spec.get("template") or {}).get("spec") or {}).get("containers") or [{}]
    images = [str(container.get("image", "")) for container in containers]
    image = next((image for image in images if ACTOR in image), images[0])
    tag = re.search(r":v?(\d+)\.(\d+)\.(\d+)(?![\w.])", image.partition("@")[0])
    return tuple(int(part) for part in tag.groups()) if tag else None
