"""Fixtures on real control planes. A missing program fails the test instead of skipping it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ks_reset.rehearsal import scenario
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.programs import binaries
from tests.rehearsal.logs import before_module, before_test, pytest_runtest_makereport

__all__ = ["before_module", "before_test", "pytest_runtest_makereport"]
MakeWorld = Callable[..., RehearsalFleet]
LONGEST = (
    *("test_reset", "test_again", "test_uninstall", "test_differential", "test_killed", "test_network", "test_fleet"),
    *("test_guns", "test_stale_record", "test_move", "test_seatbelt"),
)
"""Modules taking minutes: started last, one of them would run alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; workers take modules in this order (--no-loadscope-reorder)."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MakeWorld]:
    """`world(kubernetes="1.24.17")`: a fresh world of the test's own, with its logs in the test's tmp_path."""
    with ExitStack() as stack:

        def make(kubernetes: str = "1.24.17", name: str = "incident") -> RehearsalFleet:
            return stack.enter_context(scenario.run_scenario(name, kubernetes, print, tmp_path / kubernetes))

        yield make


@pytest.fixture(scope="session")
def programs() -> Path:
    """etcd, kube-apiserver and kube-controller-manager of 1.24."""
    return binaries.control_plane("1.24.17", print)


@pytest.fixture
def left(tmp_path: Path) -> Callable[[], list[str]]:
    """The command lines of live processes with the test's tmp_path in them."""

    def find() -> list[str]:
        return [line for line in map(_command, Path("/proc").glob("[0-9]*/cmdline")) if str(tmp_path) in line]

    return find


def _command(file: Path) -> str:
    try:
        return file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # it ended while we looked
        return ""
