"""The requests of a plan one after the other: a draft changed in place goes through the same states as copies."""

import pytest

from bench.worlds import make_fleet
from ks_reset.catalogue.names import CONFIG_MAP_KIND
from ks_reset.model import Action, Body, Create, Delete, FleetFacts, Options, Target
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.simulation import State
from ks_reset.simulation.actions import apply_action
from ks_reset.simulation.draft import VIEWS, Draft
from tests.build import action
from tests.interleavings.small import Small


@pytest.mark.parametrize("facts", [Small(kubefed=True).facts(), Small(workspace="dying").facts(), make_fleet(2)])
@pytest.mark.parametrize("playbook", ["uninstall", "stale-record", "unbind"])
def test_a_draft_gives_the_states_and_transitions_of_copies(facts: FleetFacts, playbook: str) -> None:
    actions = list(planning.make_plan(playbooks.load_playbook(playbook), facts, Options()).actions)
    first = state = State.of(facts)
    draft = Draft(first)
    for each in (*actions, *creations_and_deletions(facts.host.identity)):
        state, expected = apply_action(state, each)
        after, transition = apply_action(draft, each)
        assert after is draft
        assert transition == expected
        assert list(draft.objects.items()) == list(state.objects.items()), "in the same order"
        assert (draft.alive, draft.seatbelt_on) == (state.alive, state.seatbelt_on)
        assert [getattr(draft, view) == getattr(state, view) for view in VIEWS] == [True] * len(VIEWS)
    assert draft.finished() == state
    assert first == State.of(facts), "the state it was made from stays as it was"
    assert [Draft(each).finished().shielded for each in (first, first.with_shields())] == [False, True]


def creations_and_deletions(cluster: str) -> list[Action]:
    """An object goes and comes again while a dependent names its old UID, and once more without the dependent."""
    tie = {"apiVersion": "v1", "kind": "ConfigMap", "name": "note", "uid": "ConfigMap shop/note+1"}
    bodies: dict[str, Body] = {"note": {}, "child": {"ownerReferences": [tie]}}
    verbs: list[tuple[type[Target], str]] = [(Create, "note"), (Create, "child"), (Delete, "note"), (Create, "note")]
    verbs += [(Delete, "child"), (Delete, "note"), (Create, "note")]
    made: list[Action] = []
    for verb, name in verbs:
        body: Body = {"metadata": {"name": name, "namespace": "shop", **bodies[name]}}
        more = {"body": body} if verb is Create else {}
        made.append(action(verb, cluster, CONFIG_MAP_KIND, name, namespace="shop", **more))
    return made
