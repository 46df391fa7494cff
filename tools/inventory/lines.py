"""Turn what was found into the lines of an inventory: one for each object, with the digests of its renderings."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable

from ks_reset.catalogue.inventory.content import EMPTY_KINDS, bare_digest, content_digest
from ks_reset.catalogue.inventory.entries import InventoryEntry
from ks_reset.catalogue.inventory.workloads import VERSION_LABELS
from ks_reset.model import Body
from tools.inventory.found import Found
from tools.inventory.implied import implied_objects
from tools.inventory.schemas import Schemas, as_stored, read_schemas
from tools.inventory.settings import OTHERS

CLUSTER_WIDE = frozenset(
    {
        "APIService", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "IngressClass",
        "MutatingWebhookConfiguration", "Namespace", "PersistentVolume", "PodSecurityPolicy", "PriorityClass",
        "StorageClass", "ValidatingWebhookConfiguration", "VolumeSnapshotClass",
    }
)  # fmt: skip
Key = tuple[str, str, str]


def make_lines(found: Iterable[Found]) -> list[InventoryEntry]:
    """The entries, sorted by type, namespace and name."""
    found = list(found)
    found += implied_objects(found)
    crds = [f.body for f in found if f.body["kind"] == "CustomResourceDefinition"]
    schemas, wide = read_schemas(crds), _cluster_wide(found)
    by_key: dict[Key, list[Found]] = defaultdict(list)
    for one in found:
        by_key[_key_of(one, wide)].append(one)
    for kind, _, name in (key for key in by_key if key[1] == "?"):
        print(f"the namespace of {kind} {name} is not known", file=sys.stderr)
    return [_make_line(key, by_key[key], schemas) for key in sorted(by_key) if key[1] != "?"]


def _cluster_wide(found: list[Found]) -> set[tuple[str, str]]:
    """The types without a namespace, by group and kind."""
    specs = [f.body["spec"] for f in found if f.body["kind"] == "CustomResourceDefinition"]
    return {(spec["group"], spec["names"]["kind"]) for spec in specs if spec.get("scope") == "Cluster"}


def _key_of(found: Found, wide: set[tuple[str, str]]) -> Key:
    group, kind = found.body["apiVersion"].rpartition("/")[0], found.body["kind"]
    key = f"{kind}.{group}" if group else kind
    meta = found.body["metadata"]
    is_wide = (group, kind) in wide or (kind in CLUSTER_WIDE and not group.endswith("kubesphere.io"))
    return key, "" if is_wide else str(meta.get("namespace") or found.namespace or "?"), str(meta["name"])


def _make_line(key: Key, found: list[Found], schemas: Schemas) -> InventoryEntry:
    kind, namespace, name = key
    usual = [form for one in found if one.settings != OTHERS for form in _forms_of(one, schemas)]
    others = [form for one in found if one.settings == OTHERS for form in _forms_of(one, schemas)]
    first, digests = found[0], _digests(content_digest, usual)
    return InventoryEntry(
        kind=kind,
        namespace=namespace,
        name=name,
        component=first.component,
        release=next((one.release for one in found if one.release), ""),
        digests=digests,
        bare=_digests(bare_digest, usual),
        varies=not set(_digests(content_digest, others)) <= set(digests),
        labels=_labels_of(first) if first.body["kind"] in EMPTY_KINDS else {},
        source=first.source,
    )


def _forms_of(found: Found, schemas: Schemas) -> tuple[Body, ...]:
    """The object as written, and as a server with its CRD stores it."""
    return found.body, as_stored(schemas, found.body)


def _digests(digest: Callable[[str, Body], str], forms: list[Body]) -> tuple[str, ...]:
    return tuple(sorted({digest(form["kind"], form) for form in forms} - {""}))


def _labels_of(found: Found) -> dict[str, str]:
    labels = found.body["metadata"].get("labels") or {}
    helm = {"app.kubernetes.io/managed-by": "Helm"} if found.release else {}
    return {k: str(v) for k, v in (labels | helm).items() if k not in VERSION_LABELS}
