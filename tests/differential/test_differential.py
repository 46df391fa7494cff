"""Two hundred random fleets on real control planes with real kubefed: the simulation predicts every loss."""

from pathlib import Path

import pytest

from tests.differential.build import World
from tests.differential.compare import Tally, batch, flapping
from tests.differential.draw import drawn
from tests.differential.real import pair

pytestmark = pytest.mark.rehearsal
WORLDS, BATCHES, FLAPPING, SEED = 200, 2, 40, 20240
RULES = (
    *("garbage collector deletes", "garbage collector unties", "garbage collector lets go of"),
    *("namespace controller deletes", "namespace controller lets go of"),
    *("CRD finalizer deletes", "CRD finalizer lets go of"),
    *("kubefed deletes", "kubefed lets go of", "kubefed makes", "kubefed changes"),
)


@pytest.mark.nightly
def test_every_loss_in_random_fleets_was_predicted(tmp_path: Path) -> None:
    tally = Tally()
    worlds = [World(number, one) for number, one in enumerate(drawn(WORLDS, SEED))]
    size = WORLDS // BATCHES
    with pair("1.24.17", tmp_path) as planes:
        for start in range(0, WORLDS, size):
            batch(planes, worlds[start : start + size], tally)
            print(tally.clusters, tally.objects, tally.lost, len(tally.missed), tally.over, flush=True)
    assert tally.missed == []
    assert tally.clusters == WORLDS
    assert tally.objects > WORLDS * 40
    assert tally.lost > 1000
    assert {rule for rule in RULES if not tally.rules[rule]} == set()
    assert tally.over <= tally.lost * 0.02, tally.overs[:20]


def test_every_loss_between_two_records_was_predicted(tmp_path: Path) -> None:
    tally = Tally()
    worlds = [World(number, one) for number, one in enumerate(drawn(FLAPPING, SEED + 1))]
    with pair("1.34.4", tmp_path) as planes:
        flapping(planes, worlds, tally)
    print(tally.objects, tally.lost, tally.over)
    assert tally.missed == []
    assert tally.lost > 10
