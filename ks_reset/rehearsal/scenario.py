"""Run a scenario: a folder under `examples/` with control planes to start and manifests to apply.

with world("incident", kubernetes="1.24.17", say=print) as w:
    w.arm()
    w.fire()
"""

import tempfile
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ks_reset.rehearsal.build import build_fleet
from ks_reset.rehearsal.fleet import RehearsalFleet, Say
from ks_reset.rehearsal.plane.plane import Plane, connect_administrator, write_merged_kubeconfig
from ks_reset.rehearsal.plane.process import interrupt_on_sigterm
from ks_reset.rehearsal.programs import binaries
from ks_reset.rehearsal.spec import load_scenario


@contextmanager
def run_scenario(name: str, kubernetes: str, say: Say = print, workdir: Path | None = None) -> Iterator[RehearsalFleet]:
    """A scenario on real control planes of this Kubernetes version, healthy when entered, gone when left.

    Everything is stopped on an error, Ctrl-C and SIGTERM; logs stay in `workdir` if one is given.
    Raises ResetError if binaries are missing or something does not come up.
    """
    scenario, folder = load_scenario(name)
    planes_from, kubefed_from = binaries.control_plane(kubernetes, say), binaries.kubefed_programs(say)
    with interrupt_on_sigterm(), ExitStack() as stack:
        root = workdir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ks-reset-")))
        say(f"Starting Kubernetes {kubernetes}: {', '.join(scenario.planes)}")
        planes = _start_planes(stack, list(scenario.planes), planes_from, root)
        kubeconfig = write_merged_kubeconfig(list(planes.values()), root / "kubeconfig")
        clusters = {context: connect_administrator(kubeconfig, context) for context in planes}
        fleet = RehearsalFleet(scenario, kubefed_from, kubeconfig, clusters, say)
        values = _manifest_values(planes)
        stack.enter_context(build_fleet(fleet, folder, root, values))
        yield fleet


def _start_planes(stack: ExitStack, names: list[str], programs: Path, root: Path) -> dict[str, Plane]:
    """Start all planes at once. Each started one is on the stack, even if another one failed."""
    started: dict[str, Plane] = {}

    def start_plane(name: str) -> None:
        started[name] = stack.enter_context(Plane.start(name, programs, root))

    with ThreadPoolExecutor(len(names)) as pool:
        for done in [pool.submit(start_plane, name) for name in names]:
            done.result()
    return {name: started[name] for name in names}


def _manifest_values(planes: dict[str, Plane]) -> dict[str, str]:
    """The values of the planes for manifests: `server_<plane>`, `kubeconfig_<plane>`."""
    servers = {f"server_{p.name}": p.server for p in planes.values()}
    configs = {f"kubeconfig_{p.name}": b64encode(p.kubeconfig.read_bytes()).decode() for p in planes.values()}
    return servers | configs
