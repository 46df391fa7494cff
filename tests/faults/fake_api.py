"""A fake API server: the requests that ks-reset sends, answered from a FakeStore, without HTTP.

`test_fake.py` compares its answers with those of a real one. The seatbelt refuses as a webhook without a backend.
"""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ks_reset import seatbelt
from ks_reset.catalogue.names import ACCESS_REVIEW_KIND
from ks_reset.model import Body, Kind
from tests.cluster.answering import group, list_of, resources, status
from tests.faults.fake_store import DEPLOYMENT, NAMESPACE, Failure, FakeStore

PAGE = 7
"""Objects on a page at most, whatever the limit: more than one page in most lists."""
LOCK = ("ConfigMap", "kube-federation-system", "kubefed-controller-manager")


class NotServed(Exception):
    """No group, version or custom type of this name: the answer is not a Status, as for a type of a built-in group."""


def is_built_in(group: str) -> bool:
    """Whether the types of a group are part of the API server, and not CRDs."""
    return "." not in group or (group.endswith(".k8s.io") and group != "snapshot.storage.k8s.io")


class Request:
    """A request, and its class: the rows of the fault matrix."""

    def __init__(self, method: str, target: str, body: Any, content_type: str) -> None:
        parts = urlsplit(target)
        self.method, self.path, self.body, self.content_type = method, parts.path, body, content_type
        self.query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        words = [unquote(word) for word in parts.path.strip("/").split("/")]
        self.group, rest = ("", words[2:]) if words[0] == "api" else (words[1] if len(words) > 1 else "", words[3:])
        self.namespace = self.name = self.plural = ""
        if rest[:1] == ["namespaces"] and len(rest) > 2:
            self.namespace, rest = rest[1], rest[2:]
        if rest:
            self.plural, self.name = rest[0], rest[1] if len(rest) > 1 else ""

    @property
    def kind_of_request(self) -> str:
        if self.plural == "leases":
            return "lease"
        if self.plural == ACCESS_REVIEW_KIND.plural:
            return "access review"
        if "dryRun" in self.query:
            return "dry run"
        if self.method != "GET":
            return {"PATCH": "patch", "DELETE": "delete", "POST": "create", "PUT": "replace"}[self.method]
        return "discovery" if not self.plural else "get" if self.name else "list"

    @property
    def writes(self) -> bool:
        return self.method != "GET" and self.kind_of_request not in ("access review", "dry run")


def answer_request(store: FakeStore, request: Request) -> tuple[int, Body | str]:
    """Status and body of the answer; a text for what is not served."""
    with store.lock:
        try:
            if not request.plural:
                return 200, _discovery(store, request)
            if request.plural == ACCESS_REVIEW_KIND.plural:
                return 201, {**request.body, "status": {"allowed": True}}
            return (201 if request.method == "POST" else 200), _answer(store, request, _kind_of(store, request))
        except NotServed:
            return 404, "404 page not found\n"
        except Failure as failure:
            return failure.code, status(
                failure.reason, message=str(failure), code=failure.code, details=failure.details
            )


def object_of(store: FakeStore, request: Request) -> Body | None:
    """The object that the request names, as it is now."""
    return store.objects.get((_kind_of(store, request).key, request.namespace, request.name))


def _kind_of(store: FakeStore, request: Request) -> Kind:
    for kind in store.kinds.values():
        if (kind.group, kind.plural) == (request.group, request.plural):
            return kind
    if any(kind.group == request.group and is_built_in(kind.group) for kind in store.kinds.values()):
        raise Failure(404, "NotFound", "the server could not find the requested resource")
    raise NotServed


def _answer(store: FakeStore, request: Request, kind: Kind) -> Body:
    place = (kind, request.namespace, request.name)
    match request.method:
        case "POST":
            return store.create(kind, request.namespace, request.body)
        case "PUT":
            return store.replace(*place, request.body)
        case "PATCH":
            patched = store.patch(*place, request.body, request.content_type)
            _run_kubefed(store)
            return patched
        case "DELETE":
            _ask_seatbelt(store, kind, store.get(*place))
            return store.delete(*place, request.body or {}, "dryRun" in request.query)
    if request.name:
        return store.get(*place)
    return _page(store, request, kind)


def _page(store: FakeStore, request: Request, kind: Kind) -> Body:
    _run_kubefed(store)
    wanted = [
        body
        for (key, space, _), body in sorted(store.objects.items())
        if key == kind.key and request.namespace in ("", space) and _has_labels(body, request.query)
    ]
    start = int(request.query.get("continue", "0"))
    end = start + min(PAGE, int(request.query.get("limit", PAGE)))
    return list_of(kind.kind, kind.api_version, *wanted[start:end], token=str(end) if len(wanted) > end else "")


def _has_labels(body: Body, query: dict[str, str]) -> bool:
    labels = body["metadata"].get("labels") or {}
    pairs = [word.partition("=") for word in query.get("labelSelector", "").split(",") if word]
    return all(key in labels and (not equals or labels[key] == value) for key, equals, value in pairs)


def _run_kubefed(store: FakeStore) -> None:
    """kubefed renews its lock while it has replicas; a stopped one has released it."""
    found = store.objects.get((DEPLOYMENT, LOCK[1], LOCK[2]))
    if found and found["spec"]["replicas"]:
        store.put(store.kinds["ConfigMap"], {"metadata": {"namespace": LOCK[1], "name": LOCK[2]}})
    else:
        store.objects.pop(LOCK, None)


def _discovery(store: FakeStore, request: Request) -> Body:
    kinds = list(store.kinds.values())
    versions = sorted({kind.api_version for kind in kinds if kind.group})
    match request.path:
        case "/version":
            return {"gitVersion": "v1.24.17"}
        case "/api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        case "/apis":
            return {"kind": "APIGroupList", "groups": [group(*name.split("/")) for name in versions]}
    name = request.path.removeprefix("/apis/").removeprefix("/api/")
    if name not in ("v1", *versions):
        raise NotServed
    return resources(name, *(kind for kind in kinds if kind.api_version == name))


def _ask_seatbelt(store: FakeStore, kind: Kind, body: Body) -> None:
    """Raises Failure if a webhook of the seatbelt matches the deletion: its backend never answers."""
    for (key, _, name), rule in store.objects.items():
        if key.startswith("ValidatingWebhookConfiguration") and name == seatbelt.NAME:
            for hook in rule["webhooks"]:
                if _matches(store, hook, kind, body):
                    raise Failure(500, "InternalError", f'failed calling webhook "{hook["name"]}": connection refused')


def _matches(store: FakeStore, hook: Body, kind: Kind, body: Body) -> bool:
    meta = body["metadata"]
    space = body if kind.key == NAMESPACE else store.objects.get((NAMESPACE, "", meta.get("namespace", "")))
    named = any(kind.group in r["apiGroups"] and kind.plural in r["resources"] for r in hook["rules"])
    in_space = space is None or _selects(hook.get("namespaceSelector"), space["metadata"].get("labels") or {})
    return named and in_space and _selects(hook.get("objectSelector"), meta.get("labels") or {})


def _selects(selector: Body | None, labels: Body) -> bool:
    for each in (selector or {}).get("matchExpressions", []):
        value, values = labels.get(each["key"]), each.get("values", [])
        fits = {
            "In": value in values,
            "NotIn": value not in values,
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }
        if not fits[each["operator"]]:
            return False
    return True
