"""What is remembered from one state to the next is what the next state would give by itself."""

import pytest

from ks_reset.catalogue import is_reacting_controller
from ks_reset.simulation import State, api_server, placement, releases
from ks_reset.simulation import state as states
from ks_reset.simulation.actors import kubefed, manager_version
from ks_reset.simulation.events import start_controllers
from tests.interleavings.search import States
from tests.interleavings.small import Small

OF_A_STATE = (
    kubefed.is_running,
    manager_version.running_clusters,
    placement.cluster_records,
    placement.reachable_records,
    placement.type_configs,
    placement.unreachable_records,
    releases._scaled_programs,
    states._identity_by_connection,
    states._identity_by_record,
    states._joined_records,
    states.crds_by_kind,
)
OF_A_CLUSTER = (
    api_server._failing_webhooks,
    api_server._refusing_webhooks,
    manager_version.running_versions,
    states._kinds_defined,
)


@pytest.mark.parametrize(
    "small", [Small(kubefed=True), Small(kubefed=True, filled=False, everywhere=True), Small(workspace="dying")]
)
def test_a_remembered_result_is_that_of_the_state(small: Small) -> None:
    known, number = States(), 0
    known.number(State.of(small.facts()))
    while number < min(len(known.states), 400):
        state = known.states[number]
        alone = State(state.facts, state.objects, state.alive, state.seatbelt_on, state.shielded)
        for compute in OF_A_STATE:
            assert compute(state) == compute(alone), compute
        for cluster in state.facts.clusters:
            for of_cluster in OF_A_CLUSTER:
                assert of_cluster(state, cluster.identity) == of_cluster(alone, cluster.identity), of_cluster
        assert {key: dict(objs) for key, objs in state.kinds.items() if objs} == alone.kinds
        for place in state.objects if number == 0 else ():
            known.number(state.with_changes([(place, None)]))
        known.number(state.with_running(frozenset()))
        known.number(start_controllers(state, is_reacting_controller))
        known.moves(number)
        number += 1
    assert number > 10
