"""Load the catalogue of one KubeSphere version from its data files; a key that nobody reads is an error."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ks_reset.catalogue import entries as e

DATA = Path(__file__).parent / "data"
DEFAULT = "3.3.1"


class Catalogue(Struct, frozen=True):
    """Every entry that exists in one version of KubeSphere."""

    version: str
    crds: tuple[e.CrdEntry, ...]
    namespaces: tuple[e.NamespaceEntry, ...]
    marks: tuple[e.MarkEntry, ...]
    webhooks: tuple[e.WebhookEntry, ...]
    cluster_roles: tuple[e.ClusterRoleEntry, ...]
    cluster_role_bindings: tuple[e.BindingEntry, ...]
    namespaced_rbac: tuple[e.NamespacedRbacEntry, ...]
    workloads: tuple[e.WorkloadEntry, ...]
    members: tuple[e.MemberEntry, ...]
    order: tuple[e.OrderEntry, ...]
    federated: tuple[e.FederatedEntry, ...]

    def crd(self, name: str) -> e.CrdEntry | None:
        """The type of this full name, such as workspaces.tenant.kubesphere.io."""
        return next((crd for crd in self.crds if crd.name == name), None)


@cache
def load(version: str = DEFAULT) -> Catalogue:
    """The catalogue for a version such as 3.3.1. Raises msgspec.ValidationError for a malformed data file."""
    subjects = Catalogue.__struct_fields__[1:]
    found = {subject: yaml_of(DATA / f"{subject}.yaml") for subject in subjects}
    alive = {subject: [entry for entry in rows if exists(entry, version)] for subject, rows in found.items()}
    return msgspec.convert({"version": version, **alive}, Catalogue)


def yaml_of(path: Path) -> list[dict[str, Any]]:
    """The rows of one data file."""
    return msgspec.yaml.decode(path.read_bytes(), type=list[dict[str, Any]])


def exists(entry: dict[str, Any], version: str) -> bool:
    """Whether an entry was there in this version."""
    now = _number(version)
    return _number(entry["since"]) <= now and (not entry["until"] or now <= _number(entry["until"]))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
