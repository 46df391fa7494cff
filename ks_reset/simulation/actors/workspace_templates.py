"""The controller of WorkspaceTemplates on a host: what a template makes, what it removes, and its own deletion.

3.x writes a FederatedWorkspace of its name with its placement, and kubefed does the rest; without multi-cluster it
writes the Workspace (kubesphere v3.3.1 and v3.4.1, pkg/controller/workspacetemplate/workspacetemplate_controller.go:
multiClusterSync, singleClusterSync, deleteWorkspace). 4.x writes the Workspace into the cluster of each matching
Cluster, and deletes it in all others (kubesphere v4.1.3, the same file: syncWorkspaceTemplate,
workspaceTemplateCascadingDeletion; pkg/controller/workspacetemplate/utils/helper.go).

A Cluster counts as ready: its status is of the time when the controller ran last.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CASCADING_FINALIZER,
    CLUSTER_KEY,
    FEDERATED_WORKSPACE_KEY,
    HELM_RELEASE_KEY,
    KUBEFED_DELETE_OPTIONS_ANNOTATION,
    KUBEFED_MANAGED_LABEL,
    NAMESPACE_KEY,
    PROPAGATION_ANNOTATION,
    TEMPLATE_FINALIZER,
    TEMPLATE_ORPHAN_FINALIZER,
    WORKSPACE_KEY,
    WORKSPACE_LABEL,
    WORKSPACE_TEMPLATE_KEY,
)
from ks_reset.facts.label_selectors import selector_matches
from ks_reset.model import Body, Kind, Obj
from ks_reset.simulation.actors.ks_controller_manager import ACTOR, FINISHED, delete_object, release_object
from ks_reset.simulation.actors.manager_version import (
    UNBOUND,
    may_cascade,
    may_federate,
    may_set_owner,
    may_spread,
    running_clusters,
    running_versions,
    surely_federates,
)
from ks_reset.simulation.api_server import BACKGROUND
from ks_reset.simulation.delete_options import ORPHANING
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject, to_sim_object
from ks_reset.simulation.reading import as_obj
from ks_reset.simulation.state import State

SOURCE_3 = "kubesphere v3.3.1, pkg/controller/workspacetemplate/workspacetemplate_controller.go"
SOURCE_4 = "kubesphere v4.1.3, pkg/controller/workspacetemplate/workspacetemplate_controller.go"
PLACEMENT = "spec.placement"


def make_federated_workspaces(state: State) -> Iterable[Transition]:
    """FederatedWorkspaces it may create next: of templates without one."""
    for template in _templates(state):
        place = _federated_place(template)
        kind = state.served_kind(place.cluster, place.key)
        if kind and place not in state.objects and may_federate(state, place.cluster):
            body = {"metadata": {"name": place.name, "labels": _federated_labels(template)}, "spec": template.obj.spec}
            yield _made(state, place, kind, body, template, f"the template {place.name} has none", SOURCE_3)


def write_placements(state: State) -> Iterable[Transition]:
    """FederatedWorkspaces it may write next: the placement of each becomes that of its template."""
    for template in _templates(state):
        federated = state.objects.get(_federated_place(template))
        if federated is None or not may_federate(state, template.id.cluster):
            continue
        if (federated.obj.spec.get("placement") or {}) != (template.obj.spec.get("placement") or {}):
            body = as_obj(federated).body
            about = {**body["metadata"], "labels": _federated_labels(template)}
            after = federated.with_body({**body, "metadata": about, "spec": template.obj.spec})
            why = f"its placement is written anew from the template {template.id.name}"
            yield Transition(ACTOR, Effect.CHANGES, federated.id, after, template.id, PLACEMENT, why, SOURCE_3)


def make_workspaces(state: State) -> Iterable[Transition]:
    """Workspaces it may create next: on its own cluster without multi-cluster, in 4.x in each matching cluster."""
    for template in _templates(state):
        cluster = template.id.cluster
        if may_spread(state, cluster):
            for record, identity in _clusters(state, cluster):
                if matches_cluster(template, record):
                    yield from _make_workspace(state, template, identity, f"it matches the Cluster {record.id.name}")
        elif not may_federate(state, cluster):
            yield from _make_workspace(state, template, cluster, f"the template {template.id.name} has none")


def delete_unmatched(state: State) -> Iterable[Transition]:
    """Workspaces 4.x may delete next: in the cluster of each Cluster the template does not match."""
    for template in _templates(state):
        for record, identity in _clusters(state, template.id.cluster) if may_spread(state, template.id.cluster) else ():
            workspace = state.objects.get(Id(identity, WORKSPACE_KEY, "", template.id.name))
            if workspace and not workspace.deleting and not matches_cluster(template, record):
                why = f"the template {template.id.name} does not match the Cluster {record.id.name}"
                policy = BACKGROUND if may_set_owner(state, template.id.cluster) else ""
                finalized = _with_finalizer(state, workspace)
                yield delete_object(state, finalized, template, PLACEMENT, why, SOURCE_4, policy)


def delete_dependents(state: State) -> Iterable[Transition]:
    """Deletions for a template being deleted: releases, Workspaces and namespaces; then its finalizers go."""
    return (move for template in _deleted_templates(state) if not _orphans(template) for move in _end(state, template))


def orphan_dependents(state: State) -> Iterable[Transition]:
    """The same for templates that keep their namespaces.

    kubefed may reach a Workspace first, and does not keep what it owns: this comes after its deletions.
    """
    return (move for template in _deleted_templates(state) if _orphans(template) for move in _end(state, template))


def _deleted_templates(state: State) -> Iterable[SimObject]:
    running = running_clusters(state)
    for template in state.of_kind(WORKSPACE_TEMPLATE_KEY) if running else ():
        if template.deleting and template.id.cluster in running and _heeded_finalizers(state, template):
            yield template


def _orphans(template: SimObject) -> bool:
    return TEMPLATE_ORPHAN_FINALIZER in template.finalizers


def _end(state: State, template: SimObject) -> list[Transition]:
    changes = list(_dependent_deletions(state, template))
    return changes or [release_object(template, _heeded_finalizers(state, template), FINISHED, SOURCE_3)]


def matches_cluster(template: SimObject, record: SimObject) -> bool:
    """Whether 4.x places a template on a Cluster: by a list of names that is not empty, else by a selector."""
    placement = template.obj.spec.get("placement") or {}
    if names := [cluster.get("name") for cluster in placement.get("clusters") or []]:
        return record.id.name in names
    selector = placement.get("clusterSelector")
    return selector is not None and selector_matches(selector, dict(record.labels))


def _templates(state: State) -> Iterable[SimObject]:
    """The templates not being deleted where it runs. One without spec is known by name alone."""
    running = running_clusters(state)
    for template in state.of_kind(WORKSPACE_TEMPLATE_KEY) if running else ():
        if not template.deleting and template.id.cluster in running and template.obj.spec:
            yield template


def _clusters(state: State, cluster: str) -> Iterable[tuple[SimObject, str]]:
    """The Clusters of a host, each with the identity of the cluster behind it, where that is known."""
    for record in state.of_kind(CLUSTER_KEY):
        identity = state.identity_by_connection.get(record.id.name, "")
        if record.id.cluster == cluster and state.facts.cluster(identity):
            yield record, identity


def _make_workspace(state: State, template: SimObject, cluster: str, why: str) -> Iterable[Transition]:
    place = Id(cluster, WORKSPACE_KEY, "", template.id.name)
    kind = state.served_kind(cluster, WORKSPACE_KEY)
    if kind and place not in state.objects:
        inner = template.obj.spec.get("template") or {}
        about = inner.get("metadata") or {}
        meta = {"name": place.name, "labels": about.get("labels") or {}, "annotations": about.get("annotations") or {}}
        body = {"metadata": meta, "spec": inner.get("spec") or {}}
        source = SOURCE_4 if may_spread(state, template.id.cluster) else SOURCE_3
        yield _made(state, place, kind, body, template, why, source)


def _made(state: State, place: Id, kind: Kind, body: Body, cause: SimObject, why: str, source: str) -> Transition:
    made = to_sim_object(place.cluster, Obj(kind, body)).with_body(body).with_fields(uid=state.fresh_uid(place))
    return Transition(ACTOR, Effect.MAKES, place, made, cause.id, PLACEMENT, why, source)


def _federated_place(template: SimObject) -> Id:
    return Id(template.id.cluster, FEDERATED_WORKSPACE_KEY, "", template.id.name)


def _federated_labels(template: SimObject) -> dict[str, str]:
    """The labels of the template, which carries this one itself by then (ensureNotControlledByKubefed)."""
    return {**dict(template.labels), KUBEFED_MANAGED_LABEL: "false"}


def _heeded_finalizers(state: State, template: SimObject) -> tuple[str, ...]:
    """The finalizers on a template that a running version waits for; without one of these it does nothing."""
    heeded: set[str] = set()
    for version in running_versions(state, template.id.cluster):
        if version is None:
            heeded |= {f for f in template.finalizers if catalogue.is_own_key(f)}
        else:
            old = (TEMPLATE_FINALIZER, TEMPLATE_ORPHAN_FINALIZER)
            heeded |= {CASCADING_FINALIZER} if version >= UNBOUND else set(old)
    return tuple(f for f in template.finalizers if f in heeded)


def _dependent_deletions(state: State, template: SimObject) -> Iterable[Transition]:
    cluster, orphans = template.id.cluster, _orphans(template)
    why = f"the template {template.id.name} is being deleted"
    federated = state.objects.get(_federated_place(template))
    spares = orphans or federated is None
    for key in (HELM_RELEASE_KEY, *(() if spares or not may_federate(state, cluster) else (NAMESPACE_KEY,))):
        for subject in state.of_kind(key):
            mine = subject.id.cluster == cluster and subject.label_value(WORKSPACE_LABEL) == template.id.name
            if mine and not subject.deleting:
                yield _deletion(state, subject, template, why, SOURCE_3)
    if federated and not federated.deleting and may_federate(state, cluster):
        annotated = _annotated(federated, KUBEFED_DELETE_OPTIONS_ANNOTATION, ORPHANING) if orphans else federated
        yield _deletion(state, annotated, template, why, SOURCE_3)
    yield from _workspace_deletions(state, template, why)


def _workspace_deletions(state: State, template: SimObject, why: str) -> Iterable[Transition]:
    """Its own cluster's Workspace, in 4.x that of each Cluster too; with the finalizer for it, dependents are kept.

    In 3.x with multi-cluster and without a FederatedWorkspace it ends before that (deleteWorkspace: NotFound).
    """
    cluster = template.id.cluster
    federated = _federated_place(template) in state.objects
    clusters = {identity for _, identity in _clusters(state, cluster)} if may_spread(state, cluster) else set()
    if federated or not surely_federates(state, cluster):
        clusters |= {cluster}
    found = (state.objects.get(Id(identity, WORKSPACE_KEY, "", template.id.name)) for identity in sorted(clusters))
    for workspace in (each for each in found if each and not each.deleting):
        source = SOURCE_4 if may_spread(state, cluster) else SOURCE_3
        if _orphans(template) and may_set_owner(state, cluster):
            yield _deletion(state, workspace, template, why, source, "Orphan")
            continue
        if may_spread(state, cluster) and may_cascade(state, cluster):
            how = template.obj.annotations.get(PROPAGATION_ANNOTATION, "")
            workspace = _annotated(_with_finalizer(state, workspace), PROPAGATION_ANNOTATION, how)
        yield _deletion(state, workspace, template, why, source)


def _deletion(
    state: State, subject: SimObject, template: SimObject, why: str, source: str, policy: str = ""
) -> Transition:
    return delete_object(state, subject, template, "metadata.deletionTimestamp", why, source, policy)


def _annotated(subject: SimObject, key: str, value: str) -> SimObject:
    body = as_obj(subject).body
    annotations = {**(body["metadata"].get("annotations") or {}), key: value}
    return subject.with_body({**body, "metadata": {**body["metadata"], "annotations": annotations}})


def _with_finalizer(state: State, workspace: SimObject) -> SimObject:
    """The Workspace with the finalizer that 4.1.3 adds to each one before anything else."""
    finalized = CASCADING_FINALIZER in workspace.finalizers
    if finalized or max((v or UNBOUND for v in running_versions(state, workspace.id.cluster)), default=()) < UNBOUND:
        return workspace
    return workspace.with_fields(finalizers=(*workspace.finalizers, CASCADING_FINALIZER))
