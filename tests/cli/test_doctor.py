"""doctor for an account that may not read everything: exit 5, and never that nothing was found."""

from pathlib import Path

import pytest

from ks_reset import facts as reading
from ks_reset.model import FleetFacts
from tests.build import facts
from tests.cli.test_usage import run
from tests.findings.gapped import gapped_fleets, without_rights

CLEAN = facts(
    [
        {"kind": "Namespace", "metadata": {"name": "shop"}},
        {"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster"},
    ]
)
BLIND = [without_rights(CLEAN), *(given for _, _, given in gapped_fleets(CLEAN))]


@pytest.mark.parametrize("given", BLIND, ids=lambda given: given.host.gaps[-1].what)
def test_what_may_not_be_read_is_unknown_and_not_nothing(given: FleetFacts, tmp_path: Path) -> None:
    path = tmp_path / "s.json.gz"
    reading.save_snapshot(given, path)
    done = run("doctor", "--snapshot", str(path))
    assert (done.returncode, "Nothing found" in done.stdout) == (5, False), done.stdout
    assert "(unchecked)" in done.stdout


def test_a_clean_fleet_read_in_full_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "s.json.gz"
    reading.save_snapshot(CLEAN, path)
    done = run("doctor", "--snapshot", str(path))
    assert (done.returncode, "Nothing found" in done.stdout) == (0, True), done.stdout
