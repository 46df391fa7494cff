"""What `scenario.yaml` says: the control planes of a scenario, kubefed, the tenants and the incident."""

from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset import local
from ks_reset.errors import Usage
from ks_reset.rehearsal.kubefed import Target


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
    folder = local.folder("examples") / name
    file = folder / "scenario.yaml"
    if not file.is_file():
        raise Usage(f"There is no scenario '{name}': {file} does not exist.")
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=Scenario), folder
    except msgspec.DecodeError as error:
        raise Usage(f"The scenario {file} cannot be read: {error}.") from error
