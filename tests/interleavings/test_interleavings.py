"""Every interleaving of small fleets, with the real plans and guards: no order of events loses a user's object.

Each controller may act, lag or be dead at any moment; a run may be killed at any moment and started again.
"""

from collections.abc import Iterator

import pytest
from msgspec import structs

from ks_reset.model import ClusterFacts, Skipped
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.playbook import Playbook
from ks_reset.simulation import State, lost_objects, run_controllers
from ks_reset.steps import STEPS, Removal, StepContext
from tests.interleavings.outlook import Outlooks
from tests.interleavings.people import afterwards, meanwhile
from tests.interleavings.search import Extra, Found, explore, losses
from tests.interleavings.small import Small
from tests.interleavings.tool import AT_THE_MOMENT, At, Defences, Tool

HEALTHY = Small(kubefed=True, stale=False)
UNARMED = Defences(belt=False)
BARE = Defences(belt=False, preflight=False, approval=False, quiet=False, guards=())


def found(playbook: str | Playbook, small: Small, defences: Defences = UNARMED, extra: Extra | None = None) -> Found:
    facts = small.facts()
    book = playbooks.load_playbook(playbook) if isinstance(playbook, str) else playbook
    return explore(Tool(book, Outlooks(facts), defences), State.of(facts), extra=extra)


def ordered(*first: str, without: tuple[str, ...] = ()) -> Playbook:
    """uninstall with some steps moved to the front and some left out; nothing checks the order."""
    book = playbooks.load_playbook("uninstall")
    rest = [e for e in book.steps if e.step not in (*first, *without)]
    front = [e for name in first for e in book.steps if e.step == name]
    return structs.replace(book, steps=(*front, *rest))


@pytest.mark.parametrize("belt", [False, True])
@pytest.mark.parametrize(
    ("playbook", "small"),
    [
        ("uninstall", Small(kubefed=True, stale=False)),
        ("uninstall", Small(stale=True)),
        ("uninstall", Small(manager=False, stale=False, workspace="dying")),
        ("uninstall", Small(manager=False, stale=False, workspace="gone")),
        ("stale-record", Small(stale=True)),
        ("stale-record", Small(kubefed=True, filled=False, everywhere=True)),
        ("defuse", Small(manager=False, workspace="dying")),
        ("defuse", Small(manager=False, workspace="gone")),
    ],
)
def test_no_interleaving_loses_anything(playbook: str, small: Small, belt: bool) -> None:
    seen = found(playbook, small, Defences(belt=belt), afterwards if not small.stale else None)
    assert not seen.story, "\n".join(seen.story)
    assert seen.whole
    assert seen.ends
    assert seen.states > 20


@pytest.mark.parametrize("playbook", ["uninstall", "stale-record", "defuse"])
def test_with_an_unreachable_member_nothing_is_begun_or_nothing_is_lost(playbook: str) -> None:
    seen = found(playbook, Small(member=False))
    assert (seen.whole, seen.story) == (True, [])


@pytest.mark.parametrize(
    ("playbook", "small"),
    [
        ("uninstall", HEALTHY),
        ("uninstall", Small(manager=False, stale=False, workspace="dying")),
        ("stale-record", Small(kubefed=True, filled=False, everywhere=True)),
        ("defuse", Small(manager=False, workspace="gone")),
    ],
)
def test_however_old_the_facts_of_a_step_are_nothing_is_lost(playbook: str, small: Small) -> None:
    """The guards that ask the facts of the step let everything pass, as if they knew nothing of what has changed."""
    seen = found(playbook, small, Defences(belt=False, guards=AT_THE_MOMENT))
    assert (seen.whole, seen.story) == (True, []), "\n".join(seen.story)
    assert seen.ends


def test_one_look_serves_several_requests_in_any_order() -> None:
    """All records of a fleet are deleted with one look: each of them may be the first one."""
    facts = Small(manager=False).facts()
    tool = Tool(playbooks.load_playbook("uninstall"), Outlooks(facts), UNARMED)
    state, at, first = State.of(facts).with_running(frozenset()), At(lives=0), set[str]()
    for _ in range(400):
        turns = list(tool.turns(state, at))
        if not turns:
            break
        first |= {text for text, _, _ in turns} if len(turns) > 1 else set()
        _, state, at = turns[0]
    assert at.over
    records = {text for text in first if "KubeFedCluster" in text and "delete" in text}
    assert all(any(name in text for text in records) for name in ("host", "test", "produce-trt")), first


def test_somebody_who_starts_every_controller_in_the_middle_loses_nothing() -> None:
    seen = found("uninstall", Small(stale=False), extra=meanwhile)
    assert (seen.whole, seen.story) == (True, []), "\n".join(seen.story)


@pytest.mark.parametrize(
    ("small", "loss"),
    [
        (Small(kubefed=True), "Namespace shop"),
        (Small(kubefed=True, filled=False), "Namespace catalog"),
        (Small(manager=True, workspace="dying", stale=False), "Namespace shop"),
    ],
)
def test_without_ks_reset_the_same_search_finds_the_incident(small: Small, loss: str) -> None:
    facts = small.facts()
    seen = explore(None, State.of(facts))
    assert seen.lost == loss
    assert seen.story[-1].startswith("garbage collector deletes")


@pytest.mark.parametrize(
    "book",
    [
        ordered("remove-tenants"),
        ordered("remove-types"),
        ordered(without=("sever",)),
        ordered(without=("sever", "remove-tenants")),
    ],
    ids=["owners-first", "types-first", "not-severed", "types-unsevered"],
)
def test_without_defences_the_search_finds_the_shortest_trace_of_a_wrong_order(book: Playbook) -> None:
    seen = found(book, Small(kubefed=True, stale=False), BARE)
    assert seen.lost == "Namespace shop"
    assert 5 < len(seen.story) < 90
    assert seen.story[1] == "ks-reset begins"


def test_the_seatbelt_alone_holds_against_the_same_wrong_order() -> None:
    bare = ordered("fasten-seatbelt", "remove-tenants", "remove-types")
    bare = structs.replace(bare, steps=bare.steps[:3])
    belted = Defences(preflight=False, approval=False, quiet=False, guards=())
    assert found(bare, Small(kubefed=True, stale=False), BARE).lost
    seen = found(bare, Small(kubefed=True, stale=False), belted)
    assert (seen.whole, seen.story) == (True, [])


@pytest.mark.parametrize(
    ("small", "least"),
    [
        (Small(kubefed=True), 4000),
        (Small(kubefed=True, filled=False), 200),
        (Small(kubefed=True, everywhere=True), 30),
        (Small(workspace="dying", stale=False), 5),
        (Small(kubefed=True, stale=False), 1),
    ],
)
def test_the_forecast_is_exactly_what_some_interleaving_can_lose(small: Small, least: int) -> None:
    first = State.of(small.facts())
    foreseen = {t.id for t in lost_objects(first, run_controllers(first).after) if not t.deleting}
    possible, states = losses(first)
    assert foreseen == possible
    assert states >= least


def test_a_controller_that_was_not_waited_for_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With kubefed running while its types are deleted, the member's namespace is deleted."""
    step = STEPS["remove-federated"]

    def types_last(world: ClusterFacts, ground: StepContext) -> Iterator[Removal | Skipped]:
        assert step.removes
        return reversed(list(step.removes(world, ground)))

    monkeypatch.setitem(STEPS, "remove-federated", structs.replace(step, removes=types_last))
    loud = ordered(without=("stop-controllers", "prove-quiet"))
    seen = found(loud, HEALTHY, BARE)
    assert seen.lost == "Namespace catalog"
    assert seen.story[-1].startswith("kubefed deletes Namespace catalog")
    assert found("uninstall", HEALTHY, UNARMED).story == []
