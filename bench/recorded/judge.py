"""What became of the objects of a recorded installation."""

import hashlib
import json
from collections.abc import Collection

from msgspec import Struct

from bench.recorded.world import Row
from ks_reset.catalogue.names import NAMESPACE_KEY, RBAC_GROUP
from ks_reset.cluster import Client
from ks_reset.model import Body, Kind

OWN_DOMAINS = ("kubesphere.io", "kubefed.io")
BAD = ("left", "gone", "replaced", "changed")
GIVEN_UP = "gone, given up by a flag"
MADE_FOR_USERS = "gone, made by KubeSphere for its users"
UNKNOWN = "gone, of unknown origin"
MARKED = "with marks of KubeSphere, not of the vendor"
CONSOLE_NAMESPACES = ("kubesphere-controls-system", "kubesphere-system")
CONSOLE_PREFIXES = ("kubeconfig-", "kubectl-")
"""A user's kubeconfig and shell (kubesphere v3.3.1, pkg/models/kubeconfig and pkg/models/kubectl)."""
CHANGED_BY_OTHERS = ("Node",)
"""Without a kubelet, the node controller adds taints."""


class Seen(Struct, frozen=True):
    """An object's UID, the number of KubeSphere's marks, and a digest of all but its status and those marks."""

    uid: str
    digest: str
    marks: int


def look(client: Client, rows: list[Row]) -> dict[str, Seen]:
    """The objects of the rows that exist, by title. A kind that is not served any more has none."""
    kinds, found = client.kinds(), {}
    for key in {row.key for row in rows} & kinds.keys():
        for body in client.list(kinds[key]):
            meta = body["metadata"]
            found[_title(kinds[key], meta)] = Seen(meta["uid"], _digest(body), len(_own_marks(meta)))
    return {row.title: found[row.title] for row in rows if row.title in found}


def compare(
    before: dict[str, Seen], after: dict[str, Seen], rows: list[Row], given_up: Collection[str] = ()
) -> dict[str, list[str]]:
    """Titles by verdict: `left` of the vendor's, `gone`, `replaced` and `changed` of the others.

    Objects that are gone have a verdict of their own if the recording does not say whose they are, or if the operator
    has given them up (`given_up` has their titles).
    """
    verdicts: dict[str, list[str]] = {v: [] for v in (*BAD, GIVEN_UP, MADE_FOR_USERS, UNKNOWN, MARKED)}
    for row in (row for row in rows if row.key not in CHANGED_BY_OTHERS and row.title in before):
        now = after.get(row.title)
        if verdict := _verdict(row, before[row.title], now):
            verdicts[GIVEN_UP if verdict == "gone" and row.title in given_up else verdict].append(row.title)
        if now and now.marks and row.whose != "vendor":
            verdicts[MARKED].append(row.title)
    return verdicts


def _verdict(row: Row, was: Seen, now: Seen | None) -> str:
    if row.whose == "vendor":
        return "left" if now else ""
    if now is None:
        return UNKNOWN if not row.whose else MADE_FOR_USERS if _is_made_for_users(row) else "gone"
    if (now.uid, now.digest) == (was.uid, was.digest):
        return ""
    return "replaced" if now.uid != was.uid else "changed"


def _is_made_for_users(row: Row) -> bool:
    """Whether KubeSphere made it for a user: by its API group, its owner, or as rights with KubeSphere's marks.

    A Namespace of a Workspace is a user's all the same, and so is a workload that the console has marked.
    """
    meta, group = row.body["metadata"], row.key.partition(".")[2]
    owned = any(_is_own(owner["apiVersion"].partition("/")[0]) for owner in meta.get("ownerReferences") or ())
    return (
        _is_own(group)
        or (owned and row.key != NAMESPACE_KEY)
        or (group == RBAC_GROUP and bool(_own_marks(meta)))
        or (row.namespace in CONSOLE_NAMESPACES and row.name.startswith(CONSOLE_PREFIXES))
    )


def _own_marks(meta: Body) -> list[str]:
    """Labels, annotations and finalizers of KubeSphere's domains, and owners of its types."""
    keys = [key for field in ("labels", "annotations", "finalizers") for key in meta.get(field) or ()]
    owners = [owner["apiVersion"] for owner in meta.get("ownerReferences") or ()]
    return [each for each in (*keys, *owners) if _is_own(each.partition("/")[0])]


def _title(kind: Kind, meta: Body) -> str:
    namespace = meta.get("namespace", "")
    return f"{kind.key} {namespace}/{meta['name']}" if namespace else f"{kind.key} {meta['name']}"


def _digest(body: Body) -> str:
    meta = body["metadata"]
    rest = {key: value for key, value in body.items() if key not in ("metadata", "status")}
    if body.get("aggregationRule"):
        rest.pop("rules", None)
    if claim := (rest.get("spec") or {}).get("claimRef"):
        bound = {key: value for key, value in claim.items() if key not in ("uid", "resourceVersion")}
        rest["spec"] = {**rest["spec"], "claimRef": bound}
    for field in ("labels", "annotations"):
        rest[field] = {
            key: value for key, value in (meta.get(field) or {}).items() if not _is_own(key.partition("/")[0])
        }
    rest["finalizers"] = [each for each in meta.get("finalizers") or () if not _is_own(each.partition("/")[0])]
    owners = meta.get("ownerReferences") or ()
    rest["owners"] = [owner for owner in owners if not _is_own(owner["apiVersion"].partition("/")[0])]
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _is_own(domain: str) -> bool:
    return any(domain == own or domain.endswith(f".{own}") for own in OWN_DOMAINS)
