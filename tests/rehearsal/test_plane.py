"""A control plane starts, and never stays behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from ks_reset.cluster import until
from ks_reset.errors import ResetError
from ks_reset.rehearsal.plane.plane import Plane, write_merged_kubeconfig
from ks_reset.rehearsal.plane.ports import reserve_ports

pytestmark = pytest.mark.rehearsal
Left = Callable[[], list[str]]
OWNER = """
import sys, time
from pathlib import Path
from ks_reset.rehearsal.plane.plane import Plane
with Plane.start("owned", Path(sys.argv[1]), Path(sys.argv[2])):
    print("ready", flush=True)
    time.sleep(600)
"""


def gone(left: Left) -> bool:
    return until(lambda: not left(), 20)


def test_a_plane_is_a_real_cluster_and_is_gone_when_the_block_ends(programs: Path, tmp_path: Path, left: Left) -> None:
    with Plane.start("alone", programs, tmp_path) as plane:
        assert plane.cluster.context == plane.name == "alone"
        assert len(left()) == 3
    assert gone(left)


def test_secrets_of_a_plane_are_its_own_and_readable_by_its_owner_alone(programs: Path, tmp_path: Path) -> None:
    tokens = set()
    for name in ("one", "two"):
        with Plane.start(name, programs, tmp_path) as plane:
            tokens.add((plane.folder / "tokens.csv").read_text())
            for file in ("kubeconfig", "tokens.csv", "ca.key", "sa.key", "server.key"):
                assert (plane.folder / file).stat().st_mode & 0o077 == 0
    assert len(tokens) == 2


def test_planes_started_at_once_do_not_collide_and_share_one_kubeconfig(programs: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        with ThreadPoolExecutor(2) as pool:
            starts = [Plane.start(name, programs, tmp_path) for name in ("host", "test")]
            planes = list(pool.map(stack.enter_context, starts))
        assert len({plane.cluster.identity for plane in planes}) == 2
        assert write_merged_kubeconfig(planes, tmp_path / "both").stat().st_mode & 0o077 == 0


def test_a_start_that_fails_says_why_and_leaves_no_process(programs: Path, tmp_path: Path, left: Left) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "etcd").symlink_to(programs / "etcd")
    fake = broken / "kube-apiserver"
    fake.write_text("#!/bin/sh\necho the moon is in the wrong phase\nexit 7\n")
    fake.chmod(0o755)
    with pytest.raises(ResetError, match=r"(?s)kube-apiserver of bad ended with code 7.*wrong phase"):
        Plane.start("bad", broken, tmp_path).__enter__()
    assert gone(left)


def test_ctrl_c_leaves_no_process(programs: Path, tmp_path: Path, left: Left) -> None:
    with pytest.raises(KeyboardInterrupt), Plane.start("stopped", programs, tmp_path):
        raise KeyboardInterrupt
    assert gone(left)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_when_its_owner_is_killed_a_plane_dies(
    programs: Path, tmp_path: Path, left: Left, sign: signal.Signals
) -> None:
    argv = [sys.executable, "-c", OWNER, str(programs), str(tmp_path)]
    owner = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    assert owner.stdout.readline() == "ready\n"
    os.kill(owner.pid, sign)
    owner.wait(30)
    assert gone(left)


def test_ports_in_use_by_one_are_not_given_to_another() -> None:
    with reserve_ports(50) as mine, reserve_ports(50) as yours:
        assert not set(mine) & set(yours)
