"""Load the catalogue from its data files, of all KubeSphere versions or of one; an unknown key is an error."""

from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from ks_reset.catalogue import entries as e

DATA = Path(__file__).parent / "data"
COVERED = frozenset(
    {
        "core",
        "multicluster/kubefed",
        "openpitrix/appstore",
        "storage",
        "monitoring",
        "notification",
        "logging",
        "events",
        "auditing",
    }
)
"""The components with objects removable without an effect on users' workloads.

The operators of notification, logging, events and auditing run in KubeSphere's namespaces, make workloads there alone,
and are stopped before. Sources, all at ks-installer v3.3.1: roles/ks-monitor/files/notification-manager,
roles/common/files/fluentbit-operator, roles/ks-events/files/kube-events, roles/ks-auditing/files/kube-auditing.
"""


class Catalogue(Struct, frozen=True):
    """All entries of KubeSphere, or those of one `version` ("" for all); each field is a file of data/."""

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
    contents: tuple[e.ContentEntry, ...]
    releases: tuple[e.ReleaseEntry, ...]
    effects: tuple[e.EffectEntry, ...]

    def crd_entry(self, name: str) -> e.CrdEntry | None:
        """The entry of a CRD by its name, such as workspaces.tenant.kubesphere.io; None for an unknown one."""
        return next((crd for crd in self.crds if crd.name == name), None)


@cache
def load_catalogue(version: str = "") -> Catalogue:
    """The catalogue for a version such as 3.3.1, or of all versions: an upgraded cluster holds objects of several.

    Raises msgspec.ValidationError for a malformed data file.
    """
    subjects = Catalogue.__struct_fields__[1:]
    rows = {subject: msgspec.yaml.decode((DATA / f"{subject}.yaml").read_bytes()) for subject in subjects}
    catalogue = msgspec.convert({"version": version, **rows}, Catalogue)
    present = {
        name: tuple(entry for entry in getattr(catalogue, name) if is_in_version(entry, version)) for name in subjects
    }
    return structs.replace(catalogue, **present)


def is_in_version(entry: e.Entry, version: str) -> bool:
    """Whether a version such as 3.3.1 has this entry; "" stands for all versions."""
    if not version:
        return True
    now = version_number(version)
    return version_number(entry.since) <= now and (not entry.until or now <= version_number(entry.until))


def version_number(version: str) -> tuple[int, ...]:
    """3.4.1 → (3, 4, 1)."""
    return tuple(int(part) for part in version.split("."))
