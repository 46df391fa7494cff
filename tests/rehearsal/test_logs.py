"""After a failed rehearsal its control planes' logs are kept, those of its module too, and no others."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rehearsal import logs

TESTS = """
import pytest

@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    (folder / "etcd.log").write_text("etcd began\\n" + "x" * 4_000_000 + "\\netcd ended\\n")
    return folder

@pytest.fixture
def broken(tmp_path):
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "kube-apiserver.log").write_text("no port\\n")
    raise OSError("the API server did not start")

def test_passes(shared, tmp_path):
    (tmp_path / "passed.log").write_text("fine\\n")

def test_fails(shared, tmp_path):
    (tmp_path / "failed.log").write_text("".join(f"line {n}\\n" for n in range(99)))
    assert False

def test_does_not_start(shared, broken):
    pass
"""


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The kept logs of one passed, one failed and one unstarted test, and pytest's output."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "test_planes.py").write_text(TESTS)
    argv = [sys.executable, "-m", "pytest", "-p", "tests.rehearsal.logs", f"--rootdir={folder}", str(folder)]
    ended = subprocess.run(argv, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stdout
    return folder / logs.FOLDER, ended.stdout


def kept_files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_logs_of_a_failed_test_and_of_its_modules_fixtures_are_kept_and_no_others(failed: tuple[Path, str]) -> None:
    kept, name = kept_files(failed[0]), "test_planes.py_test_fails"
    assert {path for path in kept if path.startswith(name)} == {
        f"{name}/shared0/etcd.log",
        f"{name}/test_fails0/failed.log",
    }
    assert not any(path.endswith("passed.log") for path in kept)


def test_logs_of_one_that_did_not_start_are_kept(failed: tuple[Path, str]) -> None:
    path = "test_planes.py_test_does_not_start/test_does_not_start0/host/kube-apiserver.log"
    assert path in kept_files(failed[0])


def test_the_report_names_the_folder_and_shows_the_last_lines(failed: tuple[Path, str]) -> None:
    folder, printed = failed
    assert f"kept in {folder / 'test_planes.py_test_fails'}" in printed
    assert "test_fails0/failed.log:\n  line 87\n" in printed
    assert "line 98" in printed
    assert "line 86" not in printed


def test_of_a_huge_log_the_end_is_kept(failed: tuple[Path, str]) -> None:
    text = (failed[0] / "test_planes.py_test_fails" / "shared0" / "etcd.log").read_text()
    assert (len(text), text[-11:]) == (logs.KEPT_BYTES, "etcd ended\n")
