"""A recorded installation: its file, and its objects in a form that an API server accepts.

A file has one JSON object a line, packed with gzip: `key` (`Kind.group|namespace|name`), `object`, and `whose`, which
is `vendor` or `user` if the recording knows it.
"""

import gzip
import json
from copy import deepcopy
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from ks_reset.model import Body

MADE_BY_CONTROLLERS = frozenset(
    {
        "ControllerRevision.apps", "EndpointSlice.discovery.k8s.io", "Endpoints", "Event", "Lease.coordination.k8s.io",
        "Pod", "ReplicaSet.apps",
    }
)  # fmt: skip
"""Kinds that the control plane makes again from the others."""
MADE_BY_SERVER = frozenset(
    {
        "APIService.apiregistration.k8s.io", "FlowSchema.flowcontrol.apiserver.k8s.io",
        "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io",
    }
)  # fmt: skip
"""Kinds that the API server makes itself, except APIServices with a Service."""
FIRST = ("CustomResourceDefinition.apiextensions.k8s.io", "Namespace", "ServiceAccount", "PersistentVolume")
LAST = (
    "APIService.apiregistration.k8s.io",
    "MutatingWebhookConfiguration.admissionregistration.k8s.io",
    "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
)
"""A webhook without a running program refuses the objects that come after it."""
SERVER_FIELDS = ("creationTimestamp", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "selfLink")


class Row(Struct, frozen=True):
    """One recorded object, its place, and whose it is: `vendor`, `user`, or "" for unknown."""

    key: str
    namespace: str
    name: str
    body: Body
    whose: str

    @property
    def title(self) -> str:
        return f"{self.key} {self.namespace}/{self.name}" if self.namespace else f"{self.key} {self.name}"

    @property
    def uid(self) -> str:
        return str(self.body["metadata"].get("uid", ""))


def read_world(file: Path, ledger: Path | None = None) -> list[Row]:
    """The objects of a recorded installation, in the order in which they can be created.

    `ledger` is a recording of the same version: it says whose an object is, if this one does not.
    """
    rows = _read_rows(file)
    whose = {row.title: row.whose for row in _read_rows(ledger)} if ledger else {}
    rows = [replace(row, whose=row.whose or whose.get(row.title, "")) for row in rows]
    return sorted((row for row in rows if _is_loaded(row)), key=_rank)


def acceptable(row: Row, uids: dict[str, str]) -> Body:
    """The object without what only an API server sets; `uids` has the new UIDs of owners by the recorded ones."""
    body = deepcopy(row.body)
    body.pop("status", None)
    meta = body["metadata"]
    for field in (*SERVER_FIELDS, "uid"):
        meta.pop(field, None)
    for owner in meta.get("ownerReferences", ()):
        owner["uid"] = uids.get(owner["uid"], owner["uid"])
    if row.key.startswith("CustomResourceDefinition."):
        for version in body["spec"]["versions"]:
            version["schema"] = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    if row.key == "Service":
        _without_addresses(body["spec"])
    if row.key == "ServiceAccount":
        body.pop("secrets", None)
    if row.key == "Job.batch":
        _without_selector(body["spec"])
    if row.key == "PersistentVolume":
        (body["spec"].get("claimRef") or {}).pop("uid", None)
    return body


def owners(row: Row) -> list[str]:
    """The recorded UIDs of its owners."""
    return [owner["uid"] for owner in row.body["metadata"].get("ownerReferences", ())]


def _read_rows(file: Path) -> list[Row]:
    with gzip.open(file, "rt") as lines:
        return [_row(json.loads(line)) for line in lines]


def _row(line: Body) -> Row:
    key, namespace, name = line["key"].split("|")
    return Row(key, namespace, name, line["object"], line.get("whose") or "")


def _is_loaded(row: Row) -> bool:
    if row.key in MADE_BY_CONTROLLERS or row.name == "kube-root-ca.crt":
        return False
    if row.key == "Secret" and row.body.get("type") == "kubernetes.io/service-account-token":
        return False
    return row.key not in MADE_BY_SERVER or bool(row.body["spec"].get("service"))


def _rank(row: Row) -> tuple[int, int]:
    first = FIRST.index(row.key) if row.key in FIRST else len(FIRST)
    return first, LAST.index(row.key) + 1 if row.key in LAST else 0


def _without_selector(spec: Body) -> None:
    """The API server makes selector and labels of a Job out of its UID, and refuses others."""
    spec.pop("selector", None)
    labels = spec["template"]["metadata"].get("labels") or {}
    for key in [key for key in labels if key.rpartition("/")[2] in ("controller-uid", "job-name")]:
        del labels[key]


def _without_addresses(spec: Body) -> None:
    if spec.get("clusterIP") != "None":
        spec.pop("clusterIP", None)
        spec.pop("clusterIPs", None)
    for port in spec.get("ports") or ():
        port.pop("nodePort", None)
