"""Marks that stay on users' objects: a program that stays reads them, or nobody knows who reads them."""

from typing import Any

from ks_reset import catalogue
from ks_reset.catalogue.effects import mark_effect
from ks_reset.catalogue.entries import EffectEntry
from ks_reset.catalogue.images import image_names
from ks_reset.catalogue.marks import is_own_group
from ks_reset.catalogue.names import DAEMON_SET_KEY, DEPLOYMENT_KEY, KUBEFED_MANAGED_LABEL, POD_KEY, STATEFUL_SET_KEY
from ks_reset.facts.kept import Kept
from ks_reset.model import ClusterFacts, Marks, Obj, Request, group_of

WORKLOADS = (DEPLOYMENT_KEY, STATEFUL_SET_KEY, DAEMON_SET_KEY, POD_KEY)
APP_NAME_LABEL = "app.kubernetes.io/name"
UNKNOWN_READER = "this catalogue does not know who reads it"


class MarkReaders:
    """The reasons for which marks stay on one cluster; each is looked up once."""

    def __init__(self, cluster: ClusterFacts, request: Request) -> None:
        self._cluster = cluster
        self._kept = Kept(cluster, request)
        self._reasons: dict[str, str] = {}

    def reason_to_keep(self, key: str) -> str:
        """Why a label or annotation stays; "" if nothing that stays reads it."""
        return self.known_reason_to_keep(key) or ("" if mark_effect(key) else UNKNOWN_READER)

    def known_reason_to_keep(self, key: str) -> str:
        """Why a mark stays, by a reader that is known; "" for none. A finalizer without one holds back for ever."""
        if key not in self._reasons:
            self._reasons[key] = self._find_reason(key)
        return self._reasons[key]

    def split(self, marks: Marks) -> tuple[Marks, dict[str, str]]:
        """The marks to remove, and the keys of the others with the reasons for keeping them."""
        kept = {key: why for key in (*marks.labels, *marks.annotations) if (why := self.reason_to_keep(key))}
        kept |= {key: why for key in marks.finalizers if (why := self.known_reason_to_keep(key))}
        removed = Marks(
            labels={key: value for key, value in marks.labels.items() if key not in kept},
            annotations={key: value for key, value in marks.annotations.items() if key not in kept},
            finalizers=tuple(key for key in marks.finalizers if key not in kept),
            owners=tuple(owner for owner in marks.owners if not self._keeps_owner(owner)),
        )
        return removed, kept

    def removable_marks(self, obj: Obj) -> tuple[Marks, dict[str, str]]:
        """Likewise for the marks of KubeSphere and kubefed on an object.

        An object of a kept type keeps all but those that would delete it: an owner that goes, and kubefed's label.
        """
        removed, kept = self.split(catalogue.removable_marks(obj))
        if not self._kept.is_of_kept_type(obj):
            return removed, kept
        labels = {key: value for key, value in removed.labels.items() if key == KUBEFED_MANAGED_LABEL}
        return Marks(labels=labels, owners=removed.owners), {}

    def _keeps_owner(self, owner: dict[str, Any]) -> bool:
        return self._kept.keeps_owner(group_of(owner["apiVersion"]), owner["kind"])

    def _find_reason(self, key: str) -> str:
        entry = mark_effect(key)
        domain = key.partition("/")[0]
        if any(domain == group or domain.endswith(f".{group}") for group in self._kept.groups):
            return f"the type {domain} stays, and its marks with it"
        if entry is None:
            return ""
        reader = next((w.title for key in WORKLOADS for w in self._cluster.of(key) if self._reads(w, entry)), "")
        return f"{reader} reads it; it {entry.does}" if reader else ""

    def _reads(self, workload: Obj, entry: EffectEntry) -> bool:
        """Whether a workload that stays is the reader."""
        own = catalogue.own_namespace(self._cluster, workload.namespace)
        goes = own and workload.namespace not in self._kept.namespaces
        names = {workload.name, workload.labels.get(APP_NAME_LABEL, ""), *image_names(workload)}
        return not goes and bool(names & {*entry.programs})


def is_kept_mark(readers: MarkReaders, obj: Obj, field: str, key: str) -> bool:
    """Whether a trace found on an object by verify is a mark to stay: never removed there, or with a reader."""
    if field not in ("metadata.labels", "metadata.annotations", "metadata.finalizers"):
        return False
    if catalogue.is_never_removed(key):
        return True
    removable = catalogue.removable_marks(obj)
    of_field = {"metadata.labels": removable.labels, "metadata.annotations": removable.annotations}
    own = is_own_group(key.partition("/")[0])
    return own and (key not in of_field.get(field, (key,)) or bool(readers.known_reason_to_keep(key)))
