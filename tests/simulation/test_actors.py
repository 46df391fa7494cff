"""Every case under tests/cases/simulation: facts and deletions or an event in, outcomes out."""

import pytest

from ks_reset.simulation import State, as_numbered_lines, consequences_of, run_controllers
from ks_reset.simulation.api_server import after_deletion, reason_refused
from ks_reset.simulation.chains import Consequence
from ks_reset.simulation.events import apply_event
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.run import Trace
from tests.cases import FleetCase, load_cases
from tests.golden_files import same


class SimulationCase(FleetCase, kw_only=True, forbid_unknown_fields=True):
    """`delete` are objects as `cluster Kind.group namespace/name`, `policy` the propagation, `event` as in explain.

    `expect` are all outcomes, `chains` the links of some of them.
    """

    delete: list[str] = []
    policy: str = "Background"
    event: str = "nothing"
    expect: list[str]
    chains: dict[str, list[str]] = {}


CASES = load_cases("simulation", SimulationCase)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_simulation_predicts_these_outcomes(case: SimulationCase) -> None:
    outcomes = dict(outcome_line(effect) for _, effect in consequences_of(story(case)))
    assert sorted(f"{k}{v[0]}" for k, v in outcomes.items()) == sorted(case.expect), case.why
    for which, links in case.chains.items():
        assert outcomes[which][1] == links, case.why


def story(case: SimulationCase) -> Trace:
    before = State.of(case.facts)
    state, moves = before, []
    for name in case.delete:
        thing = find_object(state, name)
        refused = reason_refused(state, thing)
        after = thing if refused else after_deletion(thing, case.policy)
        moves.append(Transition("somebody", Effect.DELETES, thing.id, after, None, "", "", "", refused))
        state = state.with_changes([(thing.id, after)])
    state, more = apply_event(state, next(iter(before.objects.values())), case.event)
    rest = run_controllers(state)
    return Trace(before, (*moves, *more, *rest.transitions), rest.after)


def find_object(state: State, name: str) -> SimObject:
    cluster, _, title = name.partition(" ")
    return next(t for t in state.objects.values() if (t.id.cluster, t.id.title) == (f"uid-of-{cluster}", title))


def outcome_line(effect: Consequence) -> tuple[str, tuple[str, list[str]]]:
    links = [f"{link.actor} {link.deed} {link.object} on {link.cluster}" for link in effect.chain]
    detail = f" ({effect.detail})" if effect.detail else ""
    return f"{effect.cluster}: {effect.fate} {effect.object}", (detail, links)


@pytest.mark.parametrize("actor", sorted({case.subject for case in CASES}))
def test_chains_read_as_in_the_golden_file(actor: str) -> None:
    lines = []
    for case in (case for case in CASES if case.subject == actor):
        lines.append(f"{case.name}: {case.why}")
        trace = story(case)
        lines += [
            f"  {m.actor} {m.deed} {m.place.title}; {m.field}; {m.why}; {m.source}; {m.cause and m.cause.title}"
            for m in trace.transitions
        ]
        for _, effect in consequences_of(trace):
            lines.append(f"  {effect.cluster}: {effect.fate} {effect.object} {effect.detail}".rstrip())
            lines += [
                f"  {line} [{link.cause}; {link.source}]"
                for line, link in zip(as_numbered_lines(effect).split("\n"), effect.chain, strict=True)
            ]
    same(f"chains_{actor}.txt", "\n".join(lines) + "\n")


def test_every_link_has_a_field_a_reason_and_a_source() -> None:
    for case in CASES:
        for _, effect in consequences_of(story(case)):
            for link in effect.chain:
                assert link.actor == "somebody" or (link.field and link.why and ", " in link.source), link
