"""KubeSphere's controllers: Workspaces and the namespaces in them, templates, applications, and finalizers.

kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, pkg/controller/workspace/workspace_controller.go,
pkg/controller/workspacetemplate/workspacetemplate_controller.go,
pkg/controller/openpitrix/helmrelease/helm_release_controller.go. From 4.1.3 on namespaces name no Workspace as owner,
and a Workspace that goes takes those along that bear its label, if an annotation says so (kubesphere v4.1.3,
pkg/controller/workspace/workspace_controller.go).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.marks import MANAGED
from ks_reset.facts.workspaces import GROUP, LABEL, WORKSPACE
from ks_reset.simulation.api_server import deleted, refusal, released
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, OwnerRef, SimObject
from ks_reset.simulation.state import State

ACTOR = "ks-controller-manager"
NAMESPACES = "kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go"
WORKSPACES = "kubesphere v3.3.1, pkg/controller/workspace/workspace_controller.go"
TEMPLATES = "kubesphere v3.3.1, pkg/controller/workspacetemplate/workspacetemplate_controller.go"
RELEASES = "kubesphere v3.3.1, pkg/controller/openpitrix/helmrelease/helm_release_controller.go"
TEMPLATE = f"WorkspaceTemplate.{GROUP}"
FEDERATED = "FederatedWorkspace.types.kubefed.io"
RELEASE = "HelmRelease.application.kubesphere.io"
INSTANCE = "app.kubesphere.io/instance"
UNBOUND = (4, 1, 3)
CASCADES = "kubesphere v4.1.3, pkg/controller/workspace/workspace_controller.go"
PROPAGATION = "kubesphere.io/deletion-propagation"


def clusters(state: State) -> list[str]:
    """The clusters where a ks-controller-manager has a process."""
    return sorted({i.cluster for i in state.alive if i in state.things and _manages(state.things[i])})


def releases(state: State) -> Iterable[Transition]:
    """Finalizers that it takes off what is being deleted: of namespaces, Workspaces and its other own objects."""
    there = clusters(state)
    for each in state.things.values() if there else ():
        if each.deleting and each.id.cluster in there:
            own = tuple(
                f
                for f in each.finalizers
                if catalogue.own_key(f) and not f.startswith(("kubefed.io", "core.kubefed.io"))
            )
            if own and each.id.key != TEMPLATE and not (_uninstalls(state, each) or _of_workspace(state, each)):
                after = released(each.without_finalizer(*own))
                why = f"{', '.join(own)}: it has done its part"
                yield Transition(ACTOR, Effect.LETS_GO, each.id, after, None, "metadata.finalizers", why, NAMESPACES)


def destroys(state: State) -> Iterable[Transition]:
    """What it deletes: a dying template's Workspace and namespaces, a dying release's application."""
    there = clusters(state)
    for each in (*state.by_key.get(TEMPLATE, ()), *state.by_key.get(RELEASE, ())) if there else ():
        if each.deleting and each.id.cluster in there:
            doomed = _of_template(state, each) if each.id.key == TEMPLATE else _of_release(state, each)
            for found, why in doomed:
                if not found.deleting:
                    refused = refusal(state, found)
                    after = found if refused else deleted(found)
                    source = TEMPLATES if each.id.key == TEMPLATE else RELEASES
                    yield Transition(
                        ACTOR,
                        Effect.DELETES,
                        found.id,
                        after,
                        each.id,
                        "metadata.deletionTimestamp",
                        why,
                        source,
                        refused,
                    )
            if not doomed:
                own = tuple(f for f in each.finalizers if catalogue.own_key(f))
                after = released(each.without_finalizer(*own))
                yield Transition(
                    ACTOR,
                    Effect.LETS_GO,
                    each.id,
                    after,
                    None,
                    "metadata.finalizers",
                    "it has done its part",
                    TEMPLATES,
                )


def cascades(state: State) -> Iterable[Transition]:
    """Namespaces that it deletes by their label, since their Workspace is going and says that they go along."""
    for workspace in state.by_key.get(WORKSPACE, ()):
        for each in _of_workspace(state, workspace):
            refused = refusal(state, each)
            why = f"Workspace {workspace.id.name} is being deleted, and {PROPAGATION} says that its namespaces go along"
            yield Transition(
                ACTOR,
                Effect.DELETES,
                each.id,
                each if refused else deleted(each),
                workspace.id,
                f"metadata.labels[{LABEL}]",
                why,
                CASCADES,
                refused,
            )


def binds(state: State) -> Iterable[Transition]:
    """Namespaces that it ties to the Workspace of their label, which hands them to the garbage collector."""
    for cluster, namespace, workspace in _labelled(state):
        if workspace is None or workspace.deleting or namespace.label(MANAGED) == "true":
            continue
        others = tuple(t for t in namespace.owners if t.key != WORKSPACE)
        tie = OwnerRef(WORKSPACE, workspace.id.name, workspace.uid, True)
        if tie.uid not in {t.uid for t in namespace.owners} and not _unbound(state, cluster):
            after = namespace.but(owners=(*others, tie))
            why = f"its label says that it belongs to {workspace.id.title}"
            yield Transition(
                ACTOR, Effect.BINDS, namespace.id, after, workspace.id, f"metadata.labels[{LABEL}]", why, NAMESPACES
            )


def unbinds(state: State) -> Iterable[Transition]:
    """Namespaces from which it takes label and owner, since their Workspace is going or gone."""
    for _, namespace, workspace in _labelled(state):
        owned = any(t.key == WORKSPACE for t in namespace.owners)
        gone = workspace is None or (workspace.deleting and not _takes_along(state, workspace))
        if gone and (owned or workspace) and namespace.label(MANAGED) != "true":
            after = namespace.without_label(LABEL).but(owners=tuple(t for t in namespace.owners if t.key != WORKSPACE))
            yield Transition(
                ACTOR, Effect.UNTIES, namespace.id, after, None, LABEL, "its Workspace is going or gone", NAMESPACES
            )


def _labelled(state: State) -> Iterable[tuple[str, SimObject, SimObject | None]]:
    """Namespaces that stay, with a Workspace's label, on clusters where the controller runs."""
    there = clusters(state)
    for namespace in state.by_key.get("Namespace", ()) if there else ():
        name = namespace.label(LABEL)
        if name is not None and not namespace.deleting and namespace.id.cluster in there:
            yield namespace.id.cluster, namespace, state.things.get(Id(namespace.id.cluster, WORKSPACE, "", name))


def _of_template(state: State, template: SimObject) -> list[tuple[SimObject, str]]:
    """Its FederatedWorkspace and, with that, the namespaces labelled with it; else its Workspace."""
    cluster, name = template.id.cluster, template.id.name
    why = f"the template {name} is being deleted"
    federated = state.things.get(Id(cluster, FEDERATED, "", name))
    workspace = state.things.get(Id(cluster, WORKSPACE, "", name))
    found = [each for each in (federated, workspace) if each]
    if federated:
        found += [n for n in state.by_key.get("Namespace", ()) if n.id.cluster == cluster and n.label(LABEL) == name]
    return [(each, why) for each in found if not each.deleting]


def _of_release(state: State, release: SimObject) -> list[tuple[SimObject, str]]:
    """What an application's release made, known by the label that KubeSphere's helm writes on it."""
    made = [each for each in state.things.values() if each.label(INSTANCE) == release.id.name]
    why = f"the application's release {release.id.name} is being deleted, which uninstalls it"
    return [(each, why) for each in made if each.id.cluster == release.id.cluster and not each.deleting]


def _of_workspace(state: State, workspace: SimObject) -> list[SimObject]:
    """The namespaces that go along with a Workspace that is being deleted, and are not going yet."""
    if workspace.id.key != WORKSPACE or not workspace.deleting or not _takes_along(state, workspace):
        return []
    mine = [n for _, n, theirs in _labelled(state) if theirs == workspace]
    return [namespace for namespace in mine if not namespace.deleting]


def _takes_along(state: State, workspace: SimObject) -> bool:
    """Whether it deletes its namespaces: by its own word, or by that of the template that takes it down."""
    template = state.things.get(Id(workspace.id.cluster, TEMPLATE, "", workspace.id.name))
    said = [each.obj.annotations.get(PROPAGATION) for each in (workspace, template) if each and each.deleting]
    return bool({"Foreground", "Background"} & set(said)) and _unbound(state, workspace.id.cluster)


def _uninstalls(state: State, each: SimObject) -> bool:
    return each.id.key == RELEASE and bool(_of_release(state, each))


def _manages(deployment: SimObject) -> bool:
    return catalogue.reacts(deployment.obj) and catalogue.ORDER[catalogue.rank(deployment.obj)] == ACTOR


def _unbound(state: State, cluster: str) -> bool:
    """Whether this version leaves namespaces without an owner, by the image of its controller."""
    there = [state.things[i] for i in state.alive if i.cluster == cluster and i in state.things]
    return any(_tag(each) >= UNBOUND for each in there if _manages(each))


def _tag(deployment: SimObject) -> tuple[int, ...]:
    containers = ((deployment.obj.spec.get("template") or {}).get("spec") or {}).get("containers") or [{}]
    text = str(containers[0].get("image", "")).rpartition(":v")[2]
    return tuple(int(part) for part in text.split(".") if part.isdigit())
