"""Random tenants on real control planes with the stand-ins of KubeSphere: the simulation predicts every loss."""

from pathlib import Path

import pytest

from tests.differential.tenants.build import World
from tests.differential.tenants.compare import WAYS, TenantTally, batch
from tests.differential.tenants.draw import drawn
from tests.differential.tenants.real import tenancy

pytestmark = pytest.mark.rehearsal
SHORT, SEED = 20, 20241


@pytest.mark.parametrize(
    ("release", "kubernetes", "way"), [("3.3.1", "1.24.17", WAYS[1]), ("4.1.3", "1.34.4", WAYS[2])]
)
def test_every_loss_of_random_tenants_was_predicted(release: str, kubernetes: str, way: str, tmp_path: Path) -> None:
    tally = TenantTally()
    with tenancy(release, kubernetes, tmp_path) as fleet:
        batch(fleet, [World(number, one) for number, one in enumerate(drawn(SHORT, SEED))], tally, way)
    assert tally.missed == []
    assert tally.clusters == SHORT
    assert tally.lost > SHORT
