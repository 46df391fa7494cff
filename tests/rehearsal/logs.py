"""A plugin of pytest: the logs of a failed rehearsal are copied to `.ci-logs/`, their last lines go into the report.

The logs of a test lie in its `tmp_path`. Those of its module's fixtures lie in other folders of pytest's temporary
directory, made since the module began.
"""

import re
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

FOLDER = ".ci-logs"
KEPT_BYTES = 2 << 20
"""What is kept of each log, from its end."""
SHOWN_LINES, SHOWN_CHARACTERS = 12, 300
Snapshot = tuple[Path, frozenset[Path]]
"""pytest's temporary directory, and the folders in it at one moment."""
BEFORE_MODULE, BEFORE_TEST = pytest.StashKey[Snapshot](), pytest.StashKey[Snapshot]()


@pytest.fixture(scope="module", autouse=True)
def before_module(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Note the temporary folders before the fixtures of a module."""
    request.config.stash[BEFORE_MODULE] = _snapshot(tmp_path_factory.getbasetemp())


@pytest.fixture(autouse=True)
def before_test(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Note the temporary folders before the fixtures of one test."""
    request.node.stash[BEFORE_TEST] = _snapshot(tmp_path_factory.getbasetemp())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Copy the logs of a failed test, setup or teardown, and add their last lines to the report."""
    report = yield
    if report.failed and (logs := find_logs(item)):
        target = item.config.rootpath / FOLDER / re.sub(r"[^\w.-]+", "_", item.nodeid)
        copies = [copy_log(log, target / relative) for log, relative in logs.items()]
        text = "\n".join(f"{copy.relative_to(target)}:\n{last_lines(copy)}" for copy in copies)
        report.sections.append((f"logs of the control planes, kept in {target}", text))
    return report


def find_logs(item: pytest.Item) -> dict[Path, Path]:
    """The log files of a test and of its module's fixtures, with their paths below pytest's temporary directory."""
    if BEFORE_MODULE not in item.config.stash:
        return {}
    base, before_module = item.config.stash[BEFORE_MODULE]
    _, before_test = item.stash.get(BEFORE_TEST, (base, before_module))
    _, now = _snapshot(base)
    of_fixtures = {path for path in now - before_module if not path.name.startswith("test_")}
    logs = sorted(log for folder in of_fixtures | (now - before_test) for log in folder.rglob("*.log") if log.is_file())
    return {log: log.relative_to(base) for log in logs if log.stat().st_size}


def copy_log(log: Path, target: Path) -> Path:
    """Copy a log's last KEPT_BYTES to `target`; returns `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with log.open("rb") as source, target.open("wb") as out:
        source.seek(max(0, log.stat().st_size - KEPT_BYTES))
        shutil.copyfileobj(source, out)
    return target


def last_lines(log: Path) -> str:
    """The last SHOWN_LINES lines of a log, each cut after SHOWN_CHARACTERS."""
    lines = log.read_text(errors="replace").splitlines()[-SHOWN_LINES:]
    return "\n".join(f"  {line[:SHOWN_CHARACTERS]}" for line in lines)


def _snapshot(base: Path) -> Snapshot:
    return base, frozenset(path for path in base.iterdir() if path.is_dir() and not path.is_symlink())
