"""The label REMOVABLE on namespaces, where the seatbelt cannot know them by their names.

So below Kubernetes 1.22, see `seatbelt/webhook.py`. The label goes with the seatbelt: left on a namespace, it would
except the namespace from the next one.
"""

from collections.abc import Collection, Sequence

from ks_reset import seatbelt
from ks_reset.catalogue.names import NAMESPACE_KIND
from ks_reset.cluster import Client
from ks_reset.cluster.transport import NotFound
from ks_reset.model import Body, Kind, Obj


def mark_namespaces(cluster: Client, parts: Sequence[tuple[Kind, Body]]) -> int:
    """Label KubeSphere's own and the excepted namespaces alone, if this seatbelt needs it; the number of writes."""
    if not seatbelt.marks_namespaces(parts):
        return 0
    excepted = parts[0][1]["metadata"]["annotations"][seatbelt.EXCEPTED].split(",")
    names = {*seatbelt.own_namespaces(), *excepted}
    unmarked = [o for o in _namespaces(cluster) if o.name in names and not is_let_go(o.meta) and not o.deleting]
    return _write_label(cluster, unmarked, "true") + unmark_namespaces(cluster, names)


def unmark_namespaces(cluster: Client, names: Collection[str]) -> int:
    """Take the label off all namespaces but these; the number of writes."""
    marked = [o for o in _namespaces(cluster, seatbelt.REMOVABLE) if o.name not in names]
    return _write_label(cluster, marked, None)


def is_let_go(meta: Body) -> bool:
    """Whether the labels in this metadata of a namespace except it."""
    return any(label in (meta.get("labels") or {}) for label in seatbelt.LET_GO_LABELS)


def _namespaces(cluster: Client, labels: str = "") -> list[Obj]:
    return [Obj(NAMESPACE_KIND, body) for body in cluster.list(NAMESPACE_KIND, labels=labels, metadata_only=True)]


def _write_label(cluster: Client, namespaces: list[Obj], value: str | None) -> int:
    writes = 0
    for namespace in namespaces:
        try:
            cluster.merge_patch(NAMESPACE_KIND, namespace.name, "", seatbelt.removable_patch(namespace, value))
            writes += 1
        except NotFound:  # deleted since the list
            continue
    return writes
