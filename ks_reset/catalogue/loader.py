"""Load the catalogue of one KubeSphere version from its data files; an unknown key is an error."""

from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from ks_reset.catalogue import entries as e

DATA = Path(__file__).parent / "data"
DEFAULT = "3.3.1"
COVERED = frozenset({"core", "multicluster/kubefed", "openpitrix/appstore", "storage"})
"""The components with objects removable without an effect on users' workloads."""


class Catalogue(Struct, frozen=True):
    """All entries of one version of KubeSphere; each field is a file of data/."""

    version: str
    crds: tuple[e.CrdEntry, ...]
    namespaces: tuple[e.NamespaceEntry, ...]
    marks: tuple[e.MarkEntry, ...]
    webhooks: tuple[e.WebhookEntry, ...]
    apiservices: tuple[e.ApiServiceEntry, ...]
    cluster_roles: tuple[e.ClusterRoleEntry, ...]
    cluster_role_bindings: tuple[e.BindingEntry, ...]
    namespaced_rbac: tuple[e.NamespacedRbacEntry, ...]
    workloads: tuple[e.WorkloadEntry, ...]
    operators: tuple[e.OperatorEntry, ...]
    effects: tuple[e.EffectEntry, ...]

    def crd_entry(self, name: str) -> e.CrdEntry | None:
        """The entry of a CRD by its name, such as workspaces.tenant.kubesphere.io; None for an unknown one."""
        return next((crd for crd in self.crds if crd.name == name), None)


@cache
def load_catalogue(version: str = DEFAULT) -> Catalogue:
    """The catalogue for a version such as 3.3.1. Raises msgspec.ValidationError for a malformed data file."""
    subjects = Catalogue.__struct_fields__[1:]
    rows = {subject: msgspec.yaml.decode((DATA / f"{subject}.yaml").read_bytes()) for subject in subjects}
    catalogue = msgspec.convert({"version": version, **rows}, Catalogue)
    present = {
        name: tuple(entry for entry in getattr(catalogue, name) if is_in_version(entry, version)) for name in subjects
    }
    return structs.replace(catalogue, **present)


def is_in_version(entry: e.Entry, version: str) -> bool:
    """Whether a version such as 3.3.1 has this entry."""
    now = _version_number(version)
    return _version_number(entry.since) <= now and (not entry.until or now <= _version_number(entry.until))


def _version_number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
