"""The controller of DevOps projects: it makes a project the owner of its namespace, and until 3.1 a Workspace the owner
of the project.

devops-controller of 3.2 and later: ks-devops v3.2.1, v3.3.1 and v4.1.3,
controllers/jenkins/devopsproject/devopsproject_controller.go, syncHandler: a project with a successful synchronization
in its annotation is left alone. Before, it was part of ks-controller-manager, and it minded no annotation (kubesphere
v3.0.0 and v3.1.1, pkg/controller/devopsproject/devopsproject_controller.go, syncHandler, bindWorkspace).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    DEPLOYMENT_KEY,
    DEVOPS_CONTROLLER,
    DEVOPS_PROJECT_KEY,
    DEVOPS_PROJECT_LABEL,
    NAMESPACE_KEY,
    WORKSPACE_KEY,
    WORKSPACE_LABEL,
)
from ks_reset.simulation.actors.manager_version import running_clusters, running_versions
from ks_reset.simulation.memo import ALIVE, remembered
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, OwnerRef, SimObject
from ks_reset.simulation.state import State

ACTOR = DEVOPS_CONTROLLER
SOURCE = "ks-devops v3.3.1, controllers/jenkins/devopsproject/devopsproject_controller.go"
SOURCE_OLD = "kubesphere v3.0.0, pkg/controller/devopsproject/devopsproject_controller.go"
SYNCHRONIZED = "devopsproject.devops.kubesphere.io/syncstatus"
SEPARATE = (3, 2)
"""The first version in which devops-controller alone does this."""


def bind_namespaces(state: State) -> Iterable[Transition]:
    """Owner references and labels it may write next on the namespaces of projects.

    It stops at a namespace with another controlling owner (controller-runtime, SetControllerReference).
    """
    old = _clusters_of_old_managers(state)
    for project in _projects(state):
        done = project.obj.annotations.get(SYNCHRONIZED) == "successful"
        if done and project.id.cluster not in old:
            continue
        for namespace in _namespaces_of(state, project):
            labelled = namespace.label_value(DEVOPS_PROJECT_LABEL) == project.id.name
            if (labelled and _is_owned(namespace, project)) or _has_other_controller(namespace, project):
                continue
            tie = OwnerRef(DEVOPS_PROJECT_KEY, project.id.name, project.uid, True)
            others = tuple(o for o in namespace.owners if (o.key, o.name) != (tie.key, tie.name))
            after = namespace.with_label(DEVOPS_PROJECT_LABEL, project.id.name).with_fields(owners=(*others, tie))
            why = f"it is the namespace of the DevOps project {project.id.name}"
            field = "status.adminNamespace"
            yield Transition(ACTOR, Effect.BINDS, namespace.id, after, project.id, field, why, SOURCE)


def bind_projects(state: State) -> Iterable[Transition]:
    """Owner references to the Workspace of their label that a manager until 3.1 may add next to projects."""
    old = _clusters_of_old_managers(state)
    for project in _projects(state) if old else ():
        name, cluster = project.label_value(WORKSPACE_LABEL), project.id.cluster
        workspace = state.objects.get(Id(cluster, WORKSPACE_KEY, "", name)) if name and cluster in old else None
        if workspace and workspace.uid not in {owner.uid for owner in project.owners}:
            after = project.with_fields(owners=(OwnerRef(WORKSPACE_KEY, workspace.id.name, workspace.uid, True),))
            field, why = (
                f"metadata.labels[{WORKSPACE_LABEL}]",
                f"its label says that it belongs to {workspace.id.title}",
            )
            yield Transition(ACTOR, Effect.BINDS, project.id, after, workspace.id, field, why, SOURCE_OLD)


@remembered(DEPLOYMENT_KEY, *catalogue.STRAY_KEYS, ALIVE)
def _clusters_of_controllers(state: State) -> frozenset[str]:
    """The identities of the clusters with a process of devops-controller."""
    alive = (state.objects[place] for place in state.alive if place in state.objects)
    return frozenset(d.id.cluster for d in alive if catalogue.program_name(d.obj) == DEVOPS_CONTROLLER)


@remembered(DEPLOYMENT_KEY, *catalogue.STRAY_KEYS, ALIVE)
def _clusters_of_old_managers(state: State) -> frozenset[str]:
    """The identities of the clusters with a ks-controller-manager that may be older than SEPARATE."""
    versions = {cluster: running_versions(state, cluster) for cluster in running_clusters(state)}
    return frozenset(c for c, found in versions.items() if any(v is None or v < SEPARATE for v in found))


def _projects(state: State) -> Iterable[SimObject]:
    """The projects not being deleted where a controller of theirs runs."""
    projects = state.of_kind(DEVOPS_PROJECT_KEY)
    clusters = _clusters_of_controllers(state) | _clusters_of_old_managers(state) if projects else frozenset[str]()
    return (project for project in projects if not project.deleting and project.id.cluster in clusters)


def _namespaces_of(state: State, project: SimObject) -> list[SimObject]:
    """The namespace in its status if that exists, else those with its label: it takes any of them."""
    cluster, name = project.id.cluster, (project.obj.body.get("status") or {}).get("adminNamespace")
    chosen = state.objects.get(Id(cluster, NAMESPACE_KEY, "", str(name))) if name else None
    if chosen:
        return [] if chosen.deleting else [chosen]
    return [
        namespace
        for namespace in state.of_kind(NAMESPACE_KEY)
        if namespace.id.cluster == cluster
        and not namespace.deleting
        and namespace.label_value(DEVOPS_PROJECT_LABEL) == project.id.name
    ]


def _is_owned(namespace: SimObject, project: SimObject) -> bool:
    """Whether an owner has the kind and the name of the project; its UID is not compared (pkg/utils/k8sutil)."""
    kind = project.kind.kind
    return any(o.key.partition(".")[0] == kind and o.name == project.id.name for o in namespace.owners)


def _has_other_controller(namespace: SimObject, project: SimObject) -> bool:
    references = namespace.obj.meta.get("ownerReferences") or []
    controlling = {r["uid"] for r in references if r.get("controller") and r["name"] != project.id.name}
    return any(owner.uid in controlling or owner.key == WORKSPACE_KEY for owner in namespace.owners)
