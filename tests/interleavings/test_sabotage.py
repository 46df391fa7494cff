"""Two hundred wrong orders of each playbook: with the seatbelt, or without any one defence, nothing is lost."""

from functools import cache

import pytest

from ks_reset.plan import playbook as playbooks
from ks_reset.plan.playbook import Playbook
from tests.interleavings.outlook import Outlooks
from tests.interleavings.sabotage import ALL, NAMES, NONE, alone, lost, orders
from tests.interleavings.small import Small

COUNT, SEED = 200, 20240
WORLDS = {
    "uninstall": Small(kubefed=True, stale=False),
    "stale-record": Small(),
    "defuse": Small(manager=False, stale=False, workspace="dying"),
}
DANGEROUS = ("uninstall", "stale-record")


Shuffled = tuple[str, list[Playbook], Outlooks]


@cache
def _world(name: str) -> Shuffled:
    """Made once: what does not depend on the defences is the same in every test."""
    books = list(orders(playbooks.load_playbook(name), COUNT, SEED))
    return name, books, Outlooks(WORLDS[name].facts())


@pytest.fixture(params=list(WORLDS))
def shuffled(request: pytest.FixtureRequest) -> Shuffled:
    return _world(str(request.param))


def test_with_all_defences_no_order_loses_anything(shuffled: Shuffled) -> None:
    _, books, outlooks = shuffled
    assert not [book for book in books if lost(book, outlooks, ALL)]


def test_without_any_defence_a_wrong_order_is_the_incident(shuffled: Shuffled) -> None:
    name, books, outlooks = shuffled
    bad = [book for book in books if lost(book, outlooks, NONE)]
    assert (len(bad) > COUNT / 4) is (name in DANGEROUS), "else this test would prove nothing"


@pytest.mark.parametrize("name", NAMES)
def test_with_one_defence_missing_the_others_hold(shuffled: Shuffled, name: str) -> None:
    _, books, outlooks = shuffled
    assert not [book for book in books if lost(book, outlooks, ALL.without(name))]


@pytest.mark.parametrize("name", ["belt", "preflight"])
def test_the_seatbelt_alone_and_the_model_alone_hold(shuffled: Shuffled, name: str) -> None:
    _, books, outlooks = shuffled
    assert not [book for book in books if lost(book, outlooks, alone(name))]
