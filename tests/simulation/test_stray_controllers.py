"""A controller without a Deployment: it has a process until it is scaled and waited for, whatever owned it."""

import yaml

from ks_reset import catalogue
from ks_reset.catalogue.names import REPLICAS_ANNOTATION
from ks_reset.model import FleetFacts, Scale, WaitQuiet
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.simulation import State
from ks_reset.simulation.actions import apply_action, place_of
from ks_reset.simulation.events import start_controllers
from ks_reset.simulation.run import run_controllers
from tests.build import asked, facts
from tests.shorthand import expand_case

WORLD = """
host:
  - Namespace kubesphere-system
  - Deployment
  - Workspace ws1
  - Namespace shop: {labels: {kubesphere.io/workspace: ws1}, owners: [Workspace ws1]}
  - ReplicaSet kubesphere-system/ks-controller-manager-5c9:
      owners: [Deployment kubesphere-system/ks-controller-manager]
      spec: {replicas: 1, template: {spec: {containers: [{image: "kubesphere/ks-controller-manager:v3.3.1"}]}}}
  - Pod kubesphere-system/ks-controller-manager-5c9-x:
      owners: [ReplicaSet kubesphere-system/ks-controller-manager-5c9]
"""


def world() -> FleetFacts:
    return facts(expand_case(yaml.safe_load(WORLD))["host"])


def names(state: State) -> list[str]:
    return [place.title for place in state.alive]


def test_the_garbage_collector_is_not_counted_on_to_end_it() -> None:
    state = State.of(world())
    assert names(state) == ["ReplicaSet.apps kubesphere-system/ks-controller-manager-5c9"]
    after = run_controllers(state).after
    assert all(place in after.objects for place in after.alive)


def test_an_uninstall_stops_it_and_waits_before_a_workspace_goes() -> None:
    found = world()
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), found, asked())
    steps = [action.step for action in plan.actions]
    assert steps.index("stop-controllers") < steps.index("prove-quiet") < steps.index("remove-tenants")
    state = State.of(found)
    for action in plan.actions:
        if isinstance(action, Scale | WaitQuiet):
            assert place_of(action).key == "ReplicaSet.apps"
            state, _ = apply_action(state, action)
    assert names(state) == []


def test_one_that_a_plan_has_scaled_to_0_counts_once_controllers_run_again() -> None:
    rows = expand_case(yaml.safe_load(WORLD))["host"]
    (stray,) = (row for row in rows if row["kind"] == "ReplicaSet")
    stray["spec"]["replicas"], stray["metadata"]["annotations"] = 0, {REPLICAS_ANNOTATION: "1"}
    stopped = State.of(facts([row for row in rows if row["kind"] != "Pod"]))
    assert names(stopped) == []
    again = start_controllers(stopped, catalogue.is_reacting_controller)
    assert names(again) == ["ReplicaSet.apps kubesphere-system/ks-controller-manager-5c9"]
