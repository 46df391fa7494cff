"""A scenario: a folder under `examples/` that says which control planes to start and what to put on them.

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

import msgspec
from msgspec import Struct

from ks_reset import share
from ks_reset.errors import Usage
from ks_reset.rehearsal import kubefed
from ks_reset.rehearsal.build import build
from ks_reset.rehearsal.fleet import RehearsalFleet, Say
from ks_reset.rehearsal.kubefed import Target
from ks_reset.rehearsal.plane.plane import Plane, administrator, merged_kubeconfig
from ks_reset.rehearsal.plane.process import unwinding
from ks_reset.rehearsal.programs import binaries


class PlaneSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """What one plane gets: folders of manifests, in order, and KubeSphere's role there, `host` or `member`."""

    manifests: tuple[str, ...]
    role: str


class KubefedSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """Where kubefed runs, which planes are joined under their own names, and the types that it spreads."""

    host: str
    joins: tuple[str, ...]
    targets: tuple[Target, ...]


class Tenants(Struct, frozen=True, forbid_unknown_fields=True):
    """Business namespaces of one plane, made from `tenant.yaml`; an empty Workspace means none."""

    plane: str
    workspace: str
    namespaces: tuple[str, ...]


class Federated(Struct, frozen=True, forbid_unknown_fields=True):
    """A multi-cluster project: a namespace that kubefed spreads, and the Federated kinds in it, named as it is."""

    namespace: str
    workspace: str
    planes: tuple[str, ...]
    kinds: tuple[str, ...]


class Incident(Struct, frozen=True, forbid_unknown_fields=True):
    """The record that reaches a plane a second time, the Workspace that flaps then, and one that does not."""

    record: str
    plane: str
    workspace: str
    refuge: str


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """`scenario.yaml` of a scenario's folder; `once` are the files that a new installation does not bring, `joined`
    those that come of a join."""

    title: str
    planes: dict[str, PlaneSpec]
    once: tuple[str, ...]
    joined: tuple[str, ...]
    kubefed: KubefedSpec
    tenants: tuple[Tenants, ...]
    federated: Federated
    incident: Incident

    def business(self) -> list[tuple[str, str, str]]:
        """Plane, namespace and Workspace of every business namespace."""
        plain = [(t.plane, name, t.workspace) for t in self.tenants for name in t.namespaces]
        return plain + [(p, self.federated.namespace, self.federated.workspace) for p in self.federated.planes]


def load(name: str) -> tuple[Scenario, Path]:
    """A scenario and its folder. Raises Usage if there is none of this name, or its file says what cannot be meant."""
    folder = share.folder("examples") / name
    file = folder / "scenario.yaml"
    if not file.is_file():
        raise Usage(f"There is no scenario '{name}': {file} does not exist.")
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=Scenario), folder
    except msgspec.DecodeError as error:
        raise Usage(f"The scenario {file} cannot be read: {error}.") from error


@contextmanager
def world(name: str, kubernetes: str, say: Say = print, workdir: Path | None = None) -> Iterator[RehearsalFleet]:
    """A scenario on real control planes of this Kubernetes version, healthy when entered, gone when left.

    Everything is stopped on an error, Ctrl-C and SIGTERM; logs stay in `workdir` if one is given.
    Raises ResetError if binaries are missing or something does not come up.
    """
    scenario, folder = load(name)
    planes_from, kubefed_from = binaries.control_plane(kubernetes, say), binaries.kubefed(say)
    with unwinding(), ExitStack() as stack:
        root = workdir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ks-reset-")))
        say(f"Starting Kubernetes {kubernetes}: {', '.join(scenario.planes)}")
        planes = _planes(stack, list(scenario.planes), planes_from, root)
        kubeconfig = merged_kubeconfig(list(planes.values()), root / "kubeconfig")
        clusters = {context: administrator(kubeconfig, context) for context in planes}
        made = RehearsalFleet(scenario, kubefed_from, kubeconfig, clusters, say)
        values = _values(planes)
        stack.enter_context(build(made, folder, root, values))
        yield made


def _planes(stack: ExitStack, names: list[str], programs: Path, root: Path) -> dict[str, Plane]:
    """Start all planes at once. Whatever started is on the stack, also if another one failed."""
    started: dict[str, Plane] = {}

    def start(name: str) -> None:
        started[name] = stack.enter_context(Plane.start(name, programs, root))

    with ThreadPoolExecutor(len(names)) as pool:
        for done in [pool.submit(start, name) for name in names]:
            done.result()
    return {name: started[name] for name in names}


def _values(planes: dict[str, Plane]) -> dict[str, str]:
    """What manifests may ask for of the planes: `server_<plane>`, `kubeconfig_<plane>`."""
    servers = {f"server_{p.name}": p.server for p in planes.values()}
    configs = {f"kubeconfig_{p.name}": b64encode(p.kubeconfig.read_bytes()).decode() for p in planes.values()}
    return servers | configs


__all__ = ["RehearsalFleet", "Scenario", "kubefed", "load", "world"]
