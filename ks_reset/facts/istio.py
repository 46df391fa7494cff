"""The control plane of istio that ks-installer installed with istioctl, and who uses it.

Proven is a revision of ks-installer's (catalogue/data/istio.yaml) whose saved IstioOperator has ks-installer's own
profile: a user's installation of the same revision has another one. Its objects are those with istioctl's labels of
that version and revision (istio 1.11.2, operator/pkg/helmreconciler/reconciler.go, getOwnerLabels). It goes if nobody
uses it: a sidecar without its istiod gets no certificate and no rule any more.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.entries import IstioEntry
from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY, POD_KEY
from ks_reset.model import ClusterFacts, Obj

HOME, OPERATOR_KEY, SAVED = "istio-system", "IstioOperator.install.istio.io", "installed-state"
REVISION, VERSION, OWNER = "istio.io/rev", "operator.istio.io/version", "install.operator.istio.io/owning-resource"
SIDECAR = "istio-proxy"


class ControlPlane(Struct, frozen=True):
    """A control plane in istio-system: its revision, its objects, and the reason why it stays; "" if it goes."""

    revision: str
    objects: tuple[Obj, ...]
    why_kept: str = ""


class Istio:
    """The control planes of istio on one cluster, made once."""

    def __init__(self, cluster: ClusterFacts) -> None:
        self._cluster = cluster
        cluster.all()

    @cached_property
    def control_planes(self) -> tuple[ControlPlane, ...]:
        """Those that istioctl installed, by revision."""
        revisions = sorted({obj.labels[REVISION] for obj in self._cluster.all() if _is_labelled(obj)})
        return tuple(self._control_plane(revision) for revision in revisions)

    @cached_property
    def going(self) -> tuple[Obj, ...]:
        """The objects of KubeSphere's control plane that nobody uses."""
        return tuple(obj for plane in self.control_planes if not plane.why_kept for obj in plane.objects)

    def _control_plane(self, revision: str) -> ControlPlane:
        objects = [obj for obj in self._cluster.all() if _is_labelled(obj) and obj.labels[REVISION] == revision]
        entry = next((entry for entry in catalogue.load_catalogue().istio if entry.revision == revision), None)
        saved = self._saved(revision)
        if entry is None or saved is None or not _has_profile(saved, entry):
            return ControlPlane(revision, tuple(objects), "nothing proves that ks-installer installed it")
        if users := self._users():
            names = ", ".join(users[:3]) + (" …" if len(users) > len(users[:3]) else "")
            return ControlPlane(
                revision, tuple(objects), f"ks-installer installed it, and {len(users)} use it ({names})"
            )
        own = [obj for obj in objects if obj.labels.get(VERSION) == entry.version and _may_go(obj)]
        return ControlPlane(revision, (*own, saved))

    def _saved(self, revision: str) -> Obj | None:
        """istioctl names it installed-state, the name of the IstioOperator, and the revision (operator/cmd/mesh)."""
        named = (o for o in self._cluster.of(OPERATOR_KEY) if o.namespace == HOME and o.name.startswith(SAVED))
        return next((obj for obj in named if obj.spec.get("revision") == revision), None)

    def _users(self) -> list[str]:
        """The Pods with a sidecar, and the rules of istio, outside of istio-system."""
        pods = (pod for pod in self._cluster.of(POD_KEY) if pod.namespace != HOME and SIDECAR in _containers(pod))
        rules = self._cluster.of_groups(lambda group: group.endswith(".istio.io") and not group.startswith("install."))
        return [obj.title for obj in (*pods, *(rule for rule in rules if rule.namespace != HOME))]


def istio_of(cluster: ClusterFacts) -> Istio:
    """The control planes of istio on a cluster."""
    return cluster.once(Istio)


def _is_labelled(obj: Obj) -> bool:
    return REVISION in obj.labels and OWNER in obj.labels and obj.namespace in ("", HOME)


def _may_go(obj: Obj) -> bool:
    return obj.kind.key not in (CRD_KEY, NAMESPACE_KEY) and not obj.owners


def _has_profile(saved: Obj, entry: IstioEntry) -> bool:
    value: Any = saved.spec
    for part in entry.field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return bool(value == entry.tracing)


def _containers(pod: Obj) -> Iterable[str]:
    return [str(container.get("name")) for container in pod.spec.get("containers") or ()]
