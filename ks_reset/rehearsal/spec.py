"""The contents of `scenario.yaml`: control planes, kubefed, tenants and the incident."""

from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset import local
from ks_reset.decoding import decode_yaml_as
from ks_reset.errors import SAME_CALL, Correction, Usage
from ks_reset.rehearsal.kubefed import Target


class PlaneSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """One plane: its folders of manifests, in order, and KubeSphere's role there, `host` or `member`."""

    manifests: tuple[str, ...]
    role: str


class KubefedSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """The plane with kubefed, the planes joined under their own names, and the propagated types."""

    host: str
    joins: tuple[str, ...]
    targets: tuple[Target, ...]


class Tenants(Struct, frozen=True, forbid_unknown_fields=True):
    """Business namespaces of one plane, made from `tenant.yaml`; an empty Workspace means none."""

    plane: str
    workspace: str
    namespaces: tuple[str, ...]


class Federated(Struct, frozen=True, forbid_unknown_fields=True):
    """A multi-cluster project: a namespace propagated by kubefed, and its Federated kinds, of the same name."""

    namespace: str
    workspace: str
    planes: tuple[str, ...]
    kinds: tuple[str, ...]


class Incident(Struct, frozen=True, forbid_unknown_fields=True):
    """The second record of a plane, the Workspace flapping because of it, and a stable one, the refuge."""

    record: str
    plane: str
    workspace: str
    refuge: str


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """`scenario.yaml` of a scenario's folder.

    `once`: the files left out by a new installation; `joined`: the files whose objects come from a join.
    """

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


def load_scenario(name: str) -> tuple[Scenario, Path]:
    """A scenario by name, and its folder. Raises Usage if it does not exist or its file is invalid."""
    folder = local.shared_folder("examples") / name
    file = folder / "scenario.yaml"
    if not file.is_file():
        raise Usage(f"There is no scenario '{name}': {file} does not exist.", Correction(name, "incident"))
    try:
        return decode_yaml_as(file.read_bytes(), Scenario), folder
    except msgspec.DecodeError as error:
        raise Usage(f"The scenario {file} cannot be read: {error}.", SAME_CALL) from error
