"""Control planes come from the first source with the right version, and never from an incomplete folder.

Go, the programs and the releases are stand-ins here: what is tested is the order, the checks and the cleaning up.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from ks_reset.errors import ResetError
from ks_reset.rehearsal.programs import binaries, cachedir, download, gobuild

VERSION = "1.24.17"
BUILDS = """#!/bin/sh
case "$1" in
  env) echo go1.26.0 ;;
  build)
    echo "$PWD" >> "{log}"
    while [ "$1" != "-o" ]; do shift; done
    printf '#!/bin/sh\\necho Kubernetes v{version}\\n' > "$2"
    /bin/chmod +x "$2" ;;
  list) echo "{charts}" ;;
esac
"""
FAILS = '#!/bin/sh\n[ "$1" = env ] && echo go1.26.0 && exit\necho first >&2; echo "undefined: x" >&2; exit 1\n'
HANGS = '#!/bin/sh\n[ "$1" = env ] && echo go1.26.0 && exit\necho $$ > "{pid}"; exec /usr/bin/tail -f /dev/null\n'
Script = Callable[[str, str], Path]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """`script("bin/go", text)`: an executable in the test's folder."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    return write


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache, no programs, no Go, no release to download and no wheel to install."""
    monkeypatch.setenv("KS_RESET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setattr(download, "release_table", dict)
    monkeypatch.setattr(gobuild, "_install_wheel", _no_wheel)
    return tmp_path / "cache"


@pytest.fixture
def go(script: Script, tmp_path: Path) -> Path:
    """The log of a fake Go, building at once, one line a build."""
    log = tmp_path / "builds"
    script("bin/go", BUILDS.format(log=log, version=VERSION, charts=tmp_path / "kubefed"))
    return log


def programs(script: Script, folder: str, version: str = VERSION, *, without: str = "") -> Path:
    for name in binaries.PROGRAMS:
        if name != without:
            script(f"{folder}/{name}", f"#!/bin/sh\necho Kubernetes v{version}\n")
    return script(f"{folder}/kubectl", "").parent


@pytest.mark.parametrize("place", ["KUBEBUILDER_ASSETS", "PATH"])
def test_programs_of_the_right_version_on_the_machine_are_used(
    script: Script, monkeypatch: pytest.MonkeyPatch, bare: Path, place: str
) -> None:
    folder = programs(script, "mine")
    monkeypatch.setenv(place, str(folder))
    assert binaries.control_plane(VERSION, print) == folder
    assert not bare.exists()


def test_programs_of_another_version_are_passed_over_and_it_is_said_why(
    script: Script, monkeypatch: pytest.MonkeyPatch, go: Path
) -> None:
    said: list[str] = []
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(programs(script, "mine", "1.30.0")))
    assert binaries.control_plane(VERSION, said.append).parent == cachedir.cache_dir()
    assert "passed over KUBEBUILDER_ASSETS" in said[0]
    assert said[0].endswith("has Kubernetes v1.30.0, not v1.24.17")


def test_a_folder_that_lacks_one_program_is_passed_over(
    script: Script, monkeypatch: pytest.MonkeyPatch, go: Path
) -> None:
    said: list[str] = []
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(programs(script, "mine", without="etcd")))
    binaries.control_plane(VERSION, said.append)
    assert said[0].endswith("lacks etcd")


def test_what_is_in_the_cache_is_neither_built_nor_downloaded_again(go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = binaries.control_plane(VERSION, print)
    monkeypatch.setattr(gobuild, "go_toolchain", _unwanted)
    monkeypatch.setattr(download, "download_archives", _unwanted)
    assert binaries.control_plane(VERSION, print) == first
    assert sorted(p.name for p in first.iterdir()) == sorted(binaries.PROGRAMS)


def test_two_callers_at_once_build_once(go: Path) -> None:
    both = Barrier(2)

    def ask(_: int) -> Path:
        both.wait()
        return binaries.control_plane(VERSION, print)

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(ask, range(2)))) == 1
    assert len(go.read_text().splitlines()) == 1


def test_a_download_that_stops_half_way_does_not_stand_in_the_way_of_the_build(
    go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_: object, part: Path, say: binaries.Say) -> None:
        (part / "kube-apiserver").touch()
        raise ResetError("the second archive was cut off")

    monkeypatch.setattr(download, "release_table", lambda: {VERSION: {cachedir.machine_name(): ("an archive",)}})
    monkeypatch.setattr(download, "download_archives", half)
    assert (binaries.control_plane(VERSION, print) / "kube-apiserver").stat().st_size


def test_a_downloaded_program_that_does_not_run_here_is_replaced_by_a_build(
    go: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(download, "release_table", lambda: {VERSION: {cachedir.machine_name(): ("an archive",)}})
    monkeypatch.setattr(download, "download_archives", lambda _, part, say: programs(script, str(part), "0.0.0"))
    binaries.control_plane(VERSION, said.append)
    assert "has Kubernetes v0.0.0, not v1.24.17" in said[0]


def test_a_build_that_fails_says_gos_last_lines_and_leaves_no_folder(script: Script, bare: Path) -> None:
    script("bin/go", FAILS)
    with pytest.raises(ResetError, match="Go could not build etcd: first / undefined: x"):
        binaries.control_plane(VERSION, print)
    assert [p.name for p in bare.iterdir() if p.is_dir()] == []


def test_with_no_source_at_all_one_message_says_what_was_tried_and_what_to_install(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(programs(script, "mine", without="etcd")))
    with pytest.raises(ResetError) as caught:
        binaries.control_plane(VERSION, print)
    for part in ("lacks etcd", "no pinned checksum", "no wheel here", "Install Go", "set KUBEBUILDER_ASSETS"):
        assert part in str(caught.value)


def test_a_go_that_is_too_old_or_does_not_start_is_not_used(script: Script) -> None:
    for text in ("#!/bin/sh\necho go1.22.4\n", "not a program"):
        script("bin/go", text)
        with pytest.raises(ResetError, match="no wheel here"):
            gobuild.go_toolchain(print)


def test_a_go_on_the_machine_that_is_new_enough_is_used(script: Script) -> None:
    fake = str(script("bin/go", '#!/bin/sh\necho "go1.26.8"\n'))
    assert gobuild.go_toolchain(print) == fake


def test_ctrl_c_ends_the_compiler_and_removes_what_it_made(
    script: Script, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = tmp_path / "pid"
    script("bin/go", HANGS.format(pid=pid))
    monkeypatch.setattr(gobuild, "HEARTBEAT", 0.05)
    with pytest.raises(KeyboardInterrupt):
        binaries.control_plane(VERSION, lambda line: _interrupt_once(pid, line))
    assert not Path(f"/proc/{pid.read_text().strip()}").exists()
    assert [p.name for p in bare.iterdir() if p.is_dir()] == []


def test_the_half_that_a_killed_process_left_is_removed_by_the_next(bare: Path) -> None:
    half = bare / "thing-1.abc.part"
    other = bare / "thing-2.abc.part"
    for folder in (half, other):
        folder.mkdir(parents=True)
    cachedir.cached_folder("thing-1", lambda part: (part / "whole").touch())
    assert sorted(p.name for p in bare.iterdir() if p.is_dir()) == ["thing-1", other.name]


def test_kubefed_comes_with_its_custom_resource_definitions(go: Path, tmp_path: Path) -> None:
    for crds in binaries.CRDS:
        (tmp_path / "kubefed" / crds).parent.mkdir(parents=True)
        (tmp_path / "kubefed" / crds).write_text(crds)
    folder = binaries.kubefed_programs(print)
    assert {p.read_text() for p in folder.glob("crds/*.yaml")} == set(binaries.CRDS)
    assert all(os.access(folder / name, os.X_OK) for name in ("controller-manager", "kubefedctl"))


def test_kubefed_without_go_says_what_to_install() -> None:
    with pytest.raises(ResetError, match=r"kubefed 0\.8\.1 could not be built: no wheel here\. Install Go"):
        binaries.kubefed_programs(print)


def test_helm_is_built_once_and_without_go_says_what_to_install(
    go: Path, script: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert os.access(binaries.helm_program(print), os.X_OK)
    assert binaries.helm_program(print).name == "helm"
    assert len(go.read_text().splitlines()) == 1
    monkeypatch.setenv("KS_RESET_CACHE", str(tmp_path / "another"))
    script("bin/go", "#!/bin/sh\necho go1.22.4\n")
    with pytest.raises(ResetError, match=r"helm 3\.19\.5 could not be built: no wheel here\. Install Go"):
        binaries.helm_program(print)


def test_an_unknown_kubernetes_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ResetError, match=r"1\.99\.0 is not among .* 1\.24\.17, 1\.34\.4"):
        binaries.control_plane("1.99.0", print)


def test_the_least_go_we_ask_for_satisfies_every_module_of_ours() -> None:
    for file in gobuild.MODULES.glob("*/go.mod"):
        asked = next(line.split()[1] for line in file.read_text().splitlines() if line.startswith("go "))
        assert tuple(map(int, asked.split("."))) <= (*gobuild.MINIMUM, 0)


def _interrupt_once(pid: Path, line: str) -> None:
    if "building" in line and pid.exists() and pid.read_text().strip():
        raise KeyboardInterrupt


def _no_wheel(part: Path, say: gobuild.Say) -> None:
    raise ResetError("no wheel here")


def _unwanted(*args: object) -> None:
    raise AssertionError("the cache has it")
