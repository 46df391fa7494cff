"""Load the catalogue from its data files; an unknown key is an error."""

from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from ks_reset.catalogue import entries as e
from ks_reset.decoding import convert_to

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
    """All entries of KubeSphere; each field is a file of data/."""

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
    finalizers: tuple[e.FinalizerEntry, ...]
    components: tuple[e.ComponentEntry, ...]
    volumes: tuple[e.VolumeEntry, ...]
    reliances: tuple[e.RelianceEntry, ...]
    istio: tuple[e.IstioEntry, ...]
    shared_programs: tuple[e.SharedProgramEntry, ...]
    standalone: tuple[e.StandaloneEntry, ...]

    def crd_entry(self, name: str) -> e.CrdEntry | None:
        """The entry of a CRD by its name, such as workspaces.tenant.kubesphere.io; None for an unknown one."""
        return next((crd for crd in self.crds if crd.name == name), None)


@cache
def load_catalogue() -> Catalogue:
    """The catalogue of all versions: an upgraded cluster holds objects of several.

    Raises msgspec.ValidationError for a malformed data file.
    """
    rows = {name: msgspec.yaml.decode((DATA / f"{name}.yaml").read_bytes()) for name in Catalogue.__struct_fields__}
    return convert_to(rows, Catalogue)
