"""A template changed while the controllers are stopped: what is lost once they run again is told before."""

from msgspec import structs

from ks_reset.catalogue.names import NAMESPACE_KEY, WORKSPACE_KEY, WORKSPACE_TEMPLATE_KEY
from ks_reset.model import FleetFacts
from ks_reset.simulation import State, losses_by_time, run_controllers
from ks_reset.simulation.explain import explain_object
from ks_reset.simulation.threats import NOW, RESTART
from tests.build import facts
from tests.shorthand import expand_dial, expand_object
from tests.simulation.test_edge_cases import place

STOPPED = {
    "Deployment kubesphere-system/ks-controller-manager": {
        "replicas": 0,
        "image": "kubesphere/ks-controller-manager:v3.3.1",
    }
}
MANAGED = {"labels": {"kubefed.io/managed": "true"}, "finalizers": ["finalizers.tenant.kubesphere.io"]}


def narrowed() -> FleetFacts:
    """The template of ws1 is placed on the host alone; its FederatedWorkspace still on the member as well."""
    host = [
        STOPPED,
        {"Deployment kube-federation-system/kubefed-controller-manager": {"replicas": 0}},
        "FederatedTypeConfig workspaces -> Workspace",
        "KubeFedCluster host -> host",
        "KubeFedCluster eu -> eu",
        "WorkspaceTemplate ws1 -> host",
        {"FederatedWorkspace ws1 -> host, eu": {"finalizers": ["kubefed.io/sync-controller"]}},
        {"Workspace ws1": MANAGED},
    ]
    shop = {"labels": {"kubesphere.io/workspace": "ws1"}, "owners": ["Workspace ws1"]}
    member = [STOPPED, {"Workspace ws1": MANAGED}, {"Namespace shop": shop}]
    dials = [expand_dial(f"{name} -> {name}") for name in ("host", "eu")]
    return facts([expand_object(row) for row in host], {"eu": [expand_object(row) for row in member]}, dials)


def test_a_template_narrowed_while_the_controllers_are_stopped_endangers_the_namespaces_of_the_member() -> None:
    by_time = losses_by_time(narrowed())
    assert by_time[NOW] == []
    assert ("uid-of-eu", "Namespace shop") in [(s.id.cluster, s.id.title) for s, _ in by_time[RESTART]]


def test_explain_tells_the_restart_that_loses_the_namespace() -> None:
    fleet = narrowed()
    shop = fleet.members[0].get(NAMESPACE_KEY, "shop")
    assert shop is not None
    told = explain_object(fleet, "uid-of-eu", shop)
    assert told.verdict == "stays"
    assert "it is lost as soon as kubefed restarts and then ks-controller-manager restarts" in told.sooner
    lost = explain_object(fleet, "uid-of-eu", shop, ("kubefed restarts", "ks-controller-manager restarts"))
    assert lost.verdict == "lost"
    assert lost.fates[0].chain[0].object == "FederatedWorkspace.types.kubefed.io ws1"


def test_a_template_with_the_placement_of_its_federated_workspace_endangers_nothing() -> None:
    healthy = narrowed()
    wide = facts([expand_object("WorkspaceTemplate ws1 -> host, eu")]).host
    objects = {**healthy.host.objects, WORKSPACE_TEMPLATE_KEY: wide.of(WORKSPACE_TEMPLATE_KEY)}
    healthy = structs.replace(healthy, host=structs.replace(healthy.host, objects=objects))
    assert not any(losses_by_time(healthy).values())


def test_a_workspace_is_made_with_the_marks_and_the_spec_in_its_template() -> None:
    about = {"labels": {"team": "a"}, "annotations": {"kubesphere.io/deletion-propagation": "Background"}}
    template = {"metadata": {**about, "name": "another"}, "spec": {"manager": "admin"}}
    runs = {"Deployment kubesphere-system/ks-controller-manager": {"replicas": 1}}
    rows = [runs, "Workspace", {"WorkspaceTemplate ws1": {"spec": {"template": template}}}]
    state = run_controllers(State.of(facts([expand_object(row) for row in rows]))).after
    made = state.objects[place(WORKSPACE_KEY, "ws1")]
    assert made.obj.body == {"metadata": {**about, "name": "ws1"}, "spec": {"manager": "admin"}}
    assert (dict(made.labels), made.uid) == ({"team": "a"}, "Workspace.tenant.kubesphere.io ws1+1")
