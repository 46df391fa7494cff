"""The requests to one cluster: discovery, paged reads, and a few writes, deletions bound to a UID."""

from functools import cached_property

from ks_reset.catalogue.names import ACCESS_REVIEW_KIND, KUBE_SYSTEM_NAMESPACE, NAMESPACE_KIND
from ks_reset.cluster import answers
from ks_reset.cluster.discovery import Discovery, discover_types, is_unserved
from ks_reset.cluster.listing import read_items
from ks_reset.cluster.retry import retry_patiently
from ks_reset.cluster.target import Target
from ks_reset.cluster.transport import JSON, Gone, NotFound, NotServed, Transport
from ks_reset.errors import Forbidden, Retry, Unknown
from ks_reset.model import Body, Kind

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
Bodies = list[Body]


class Client:
    """One Kubernetes cluster, reached through one context of a kubeconfig.

    Reads raise Unknown if the answer cannot be relied on; writes raise Retry or Conflict if they may be repeated
    after a fresh read. Thread-safe. `way` lets another program, such as helm, connect to the same cluster.
    """

    def __init__(self, transport: Transport, context: str, way: Target = Target()) -> None:  # noqa: B008
        self.transport = transport
        self.context = context
        self.way = way
        self.server = transport.server
        self.known = ""

    @property
    def identity(self) -> str:
        """The UID of kube-system, the cluster's identity regardless of its address; read once."""
        return self.known or self.read_identity()

    def read_identity(self) -> str:
        """The UID of kube-system, read now: an address may lead to another cluster later. Raises Unknown."""
        namespace = self.get(NAMESPACE_KIND, KUBE_SYSTEM_NAMESPACE)
        if not namespace:
            raise Unknown(f"{self.server} has no namespace kube-system, so the cluster cannot be identified.")
        uid = (namespace.get("metadata") or {}).get("uid")
        if not uid:
            raise Unknown(f"What answers at {self.server} is not an API server: its kube-system has no UID.")
        self.known = str(uid)
        return self.known

    @cached_property
    def version(self) -> str:
        """The server's `gitVersion`, such as v1.24.17."""
        try:
            return answers.git_version(f"GET {self.server}/version", self.request("GET", "/version"))
        except NotFound as error:
            raise Unknown(f"What answers at {self.server} is not an API server: {error}") from error

    def discover(self) -> Discovery:
        """All listable types, read now; a group without an answer becomes a gap, never an absence."""
        return discover_types(self.transport)

    def kinds(self) -> dict[str, Kind]:
        """The types found by `discover`, by `Kind.key`."""
        return self.discover().kinds

    def get(self, kind: Kind, name: str, namespace: str = "") -> Body | None:
        """The object, or None if the API server reports it as absent or does not serve its type."""
        try:
            return self._request_object("GET", kind, name, namespace)
        except NotFound as error:
            self._require_absence(kind, error)
            return None

    def list(self, kind: Kind, namespace: str = "", labels: str = "", *, metadata_only: bool = False) -> Bodies:
        """All objects of a type, read in pages; if the continue token expires, the list is read again from its start.

        Raises Unknown also for 404, and for an answer that is no list of this type: neither is an empty list.
        """
        for _ in range(3):
            try:
                return read_items(self.transport, kind, namespace, labels, metadata_only=metadata_only)
            except Gone:
                continue
            except NotFound as error:
                raise Unknown(f"{kind.resource} is not served: {error}") from error
        raise Unknown(f"The list of {kind.resource} expired three times while it was read.")

    def create(self, kind: Kind, body: Body) -> Body:
        """Create an object in the namespace of its metadata. Raises Conflict if it exists."""
        path, name = kind.path(body["metadata"].get("namespace", "")), body["metadata"].get("name", "")
        try:
            answer = self.request("POST", path, body)
        except NotServed as error:
            raise Retry(f"{error}. A type whose CRD was created just now may not be served yet.") from error
        return answers.require_object(f"POST {self.server}{path}", answer, kind, name) if name else answer

    def json_patch(self, kind: Kind, name: str, namespace: str, ops: Bodies) -> Body:
        """Send a JSON Patch; its `test` operations are the guard, and a failed one raises Conflict or ResetError."""
        return self._request_object("PATCH", kind, name, namespace, ops, JSON_PATCH)

    def merge_patch(self, kind: Kind, name: str, namespace: str, body: Body) -> Body:
        """Send a JSON merge patch (never a strategic one: those drop empty lists silently)."""
        return self._request_object("PATCH", kind, name, namespace, body, MERGE_PATCH)

    def delete(self, kind: Kind, name: str, namespace: str = "", uid: str = "", version: str = "") -> Body:
        """Ask for deletion in the background, only of this UID and version if given; an absent object is success.

        Returns the answer, {} for an absent object. Raises Conflict if the object has another UID or version by now.
        """
        body: Body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        conditions = {"uid": uid, "resourceVersion": version}
        if given := {field: value for field, value in conditions.items() if value}:
            body["preconditions"] = given
        try:
            return self.request("DELETE", kind.path(namespace, name), body)
        except NotFound as error:
            self._require_absence(kind, error)
            return {}

    def _require_absence(self, kind: Kind, error: NotFound) -> None:
        """Raises Unknown for a 404 without a Status, unless the type is no longer served."""
        if isinstance(error, NotServed) and not is_unserved(self.transport, kind):
            raise Unknown(str(error)) from error

    def would_delete(self, kind: Kind, name: str, namespace: str = "") -> str:
        """Why the API server refuses to delete an object, asked by a dry run without effect; "" if it does not refuse.

        "" for an absent object too: the API server answers 404 before it asks admission.
        """
        try:
            self.request("DELETE", f"{kind.path(namespace, name)}?dryRun=All")
        except (Forbidden, Retry) as error:
            return str(error)
        except NotFound:
            return ""
        return ""

    def is_allowed(self, verb: str, kind: Kind, namespace: str = "", name: str = "") -> bool:
        """Whether the API server would allow this verb, by a SelfSubjectAccessReview (nothing is stored).

        A type with the plural `namespaces/finalize` stands for a subresource.
        """
        resource, _, sub = kind.plural.partition("/")
        wanted = {"verb": verb, "group": kind.group, "resource": resource, "namespace": namespace, "subresource": sub}
        wanted |= {"name": name} if name else {}
        review = {
            "apiVersion": ACCESS_REVIEW_KIND.api_version,
            "kind": ACCESS_REVIEW_KIND.kind,
            "spec": {"resourceAttributes": wanted},
        }
        try:
            path = ACCESS_REVIEW_KIND.path()
            answer = retry_patiently(lambda: self.request("POST", path, review), self.transport.patience)
            return answers.is_allowed(f"POST {self.server}{path}", answer)
        except Retry as error:
            raise Unknown(f"What you may do on {self.context} cannot be asked: {error}") from error
        except NotFound as error:
            raise Unknown(f"What you may do on {self.context} cannot be asked: {error}") from error

    def request(self, method: str, path: str, body: object = None, content_type: str = JSON) -> Body:
        """One raw request; see Transport.request for what it raises."""
        return self.transport.request(method, path, body, content_type=content_type)

    def _request_object(
        self, method: str, kind: Kind, name: str, namespace: str, body: object = None, content_type: str = JSON
    ) -> Body:
        """One request whose answer is an object. Raises Unknown for any other answer."""
        path = kind.path(namespace, name)
        answer = self.request(method, path, body, content_type)
        return answers.require_object(f"{method} {self.server}{path}", answer, kind, name)
