"""The controller of the composed applications (applications.app.k8s.io): it makes one the owner of its components.

Only an Application with `spec.addOwnerRef` does; the components are the objects of its kinds in its namespace with its
labels. Part of ks-controller-manager: kubesphere v3.3.1, pkg/controller/application/application_controller.go,
fetchComponentListResources, setOwnerRefForResources; the same in v3.1.1, v3.4.1, and in v4.1.3 as
pkg/controller/k8sapplication/k8sapplication_controller.go.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import COMPOSED_APPLICATION_KEY
from ks_reset.simulation.actors.ks_controller_manager import ACTOR
from ks_reset.simulation.actors.manager_version import running_clusters
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import OwnerRef, SimObject
from ks_reset.simulation.state import State

SOURCE = "kubesphere v3.3.1, pkg/controller/application/application_controller.go"


def bind_components(state: State) -> Iterable[Transition]:
    """Owner references it may write next on the components of an Application.

    One to an Application of the same name is replaced, all others stay.
    """
    applications = state.of_kind(COMPOSED_APPLICATION_KEY)
    running = running_clusters(state) if applications else ()
    for application in applications:
        if application.id.cluster not in running or application.deleting:
            continue
        tie = OwnerRef(application.id.key, application.id.name, application.uid, True)
        for component in _components(state, application):
            if tie.uid not in {owner.uid for owner in component.owners}:
                others = tuple(o for o in component.owners if (o.key, o.name) != (tie.key, tie.name))
                after = component.with_fields(owners=(*others, tie))
                why = f"it is a component of {application.id.title}, which adds itself as owner"
                field = "metadata.labels"
                yield Transition(ACTOR, Effect.BINDS, component.id, after, application.id, field, why, SOURCE)


def _components(state: State, application: SimObject) -> Iterable[SimObject]:
    spec = application.obj.spec
    selector = spec.get("selector")
    if not spec.get("addOwnerRef") or not isinstance(selector, dict):
        return
    wanted = (selector.get("matchLabels") or {}).items()
    for kind in spec.get("componentKinds") or []:
        group = str(kind.get("group", "")).partition("/")[0]
        key = f"{kind.get('kind', '')}.{group}".rstrip(".")
        for subject in state.of_kind(key):
            beside = (subject.id.cluster, subject.id.namespace) == (application.id.cluster, application.id.namespace)
            if beside and not subject.deleting and wanted <= dict(subject.labels).items():
                yield subject
