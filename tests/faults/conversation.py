"""A conversation with an API server, told line by line: what the fake one answers, a real one must answer too."""

import json
import time
from collections.abc import Callable
from typing import Any

from ks_reset.model import Body

JSON, MERGE, PATCH = "application/json", "application/merge-patch+json", "application/json-patch+json"
Send = Callable[[str, str, Any, str], tuple[int, bytes]]
"""Method, path, body and content type of a request; status and content of its answer."""
SPACES, DEMO = "/api/v1/namespaces", "/api/v1/namespaces/demo/configmaps"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/demo/leases"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
SECONDS = 60.0


class Conversation:
    """`lines` has a line for each request: method, path, and what of the answer does not depend on time and chance."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.lines: list[str] = []

    def ask(self, method: str, path: str, body: Any = None, content_type: str = JSON) -> Body:
        code, content = self._send(method, path, body, content_type)
        answer = _decoded(content)
        shown = path.partition("&continue")[0]
        self.lines.append(f"{method} {shown} {_kind_of(content_type)}-> {code} {_told(answer)}".strip())
        return answer

    def await_gone(self, path: str) -> None:
        """Ask until the object is gone: a real controller takes its time."""
        deadline = time.monotonic() + SECONDS
        while self._send("GET", path, None, JSON)[0] != 404:
            assert time.monotonic() < deadline, path
            time.sleep(0.1)
        self.lines.append(f"gone: {path}")

    def whole(self) -> str:
        """Hold all of it; the lines."""
        for part in (self._create, self._change, self._delete, self._list, self._cascade):
            self.lines.append(f"\n# {part.__name__.strip('_')}")
            part()
        return "\n".join(self.lines).strip() + "\n"

    def _create(self) -> None:
        self.ask("POST", SPACES, _named("demo"))
        self.ask("POST", DEMO, _named("a", data={"x": "1"}))
        self.ask("POST", DEMO, _named("a"))
        self.ask("POST", "/api/v1/namespaces/absent/configmaps", _named("a"))
        self.ask("GET", f"{DEMO}/a")
        self.ask("GET", f"{DEMO}/absent")
        self.ask("GET", "/api/v1/nothings")
        self.ask("GET", "/apis/nowhere.example.com/v1/nothings/a")
        self.ask("POST", "/apis/nowhere.example.com/v1/nothings", _named("a"))
        self.ask("GET", "/apis/nowhere.example.com/v1")
        attributes = {"verb": "delete", "resource": "namespaces"}
        review = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1"}
        allowed = self.ask("POST", REVIEW, {**review, "spec": {"resourceAttributes": attributes}})
        self.lines.append(f"allowed: {allowed['status']['allowed']}")

    def _change(self) -> None:
        old = self.ask("PATCH", f"{DEMO}/a", {"metadata": {"labels": {"l": "1", "m": "2"}}}, MERGE)
        self.ask("PATCH", f"{DEMO}/a", {"metadata": {"labels": {"l": None}}, "data": {"y": "2"}}, MERGE)
        self.ask("PATCH", f"{DEMO}/absent", {"metadata": {}}, MERGE)
        other = [{"op": "test", "path": "/metadata/uid", "value": "another"}]
        self.ask("PATCH", f"{DEMO}/a", [*other, {"op": "remove", "path": "/data"}], PATCH)
        mine = [{"op": "test", "path": "/metadata/uid", "value": old["metadata"]["uid"]}]
        keep = {"op": "add", "path": "/metadata/finalizers", "value": ["example.com/keep"]}
        self.ask("PATCH", f"{DEMO}/a", [*mine, keep], PATCH)
        self.ask("PATCH", f"{DEMO}/a", [{"op": "remove", "path": "/metadata/annotations/none"}], PATCH)
        self.ask("PUT", f"{DEMO}/a", old)
        now = self.ask("GET", f"{DEMO}/a")
        self.ask("PUT", f"{DEMO}/a", {**now, "data": {"z": "3"}})

    def _delete(self) -> None:
        now = self.ask("GET", f"{DEMO}/a")["metadata"]
        self.ask("DELETE", f"{DEMO}/a", _if(uid="another"))
        self.ask("DELETE", f"{DEMO}/a", _if(uid=now["uid"], resourceVersion="1"))
        self.ask("DELETE", f"{DEMO}/a", _if(uid=now["uid"], resourceVersion=now["resourceVersion"]))
        self.ask("GET", f"{DEMO}/a")
        self.ask("DELETE", f"{DEMO}/a", _if(uid=now["uid"]))
        self.ask("PATCH", f"{DEMO}/a", [{"op": "remove", "path": "/metadata/finalizers"}], PATCH)
        self.ask("GET", f"{DEMO}/a")
        self.ask("DELETE", f"{DEMO}/a")
        self.ask("POST", DEMO, _named("b"))
        self.ask("DELETE", f"{DEMO}/b?dryRun=All")
        self.ask("GET", f"{DEMO}/b")
        self.ask("DELETE", f"{DEMO}/b")
        self.ask("GET", f"{DEMO}/b")

    def _list(self) -> None:
        for number in range(5):
            labels = {"odd": str(number % 2)}
            self.ask("POST", LEASES, _named(f"l{number}", "coordination.k8s.io/v1", "Lease", labels=labels))
        first = self.ask("GET", f"{LEASES}?limit=2")
        second = self.ask("GET", f"{LEASES}?limit=2&continue={first['metadata']['continue']}")
        self.ask("GET", f"{LEASES}?limit=2&continue={second['metadata']['continue']}")
        self.ask("GET", f"{LEASES}?labelSelector=odd%3D1")
        self.ask("GET", f"{LEASES}?labelSelector=even")

    def _cascade(self) -> None:
        owner = self.ask("GET", f"{LEASES}/l0")
        tie = {key: owner[key] for key in ("apiVersion", "kind")} | {"name": "l0", "uid": owner["metadata"]["uid"]}
        self.ask("POST", DEMO, _named("owned", owners=[tie]))
        self.ask("DELETE", f"{LEASES}/l0")
        self.await_gone(f"{DEMO}/owned")
        self.ask("DELETE", f"{SPACES}/demo")
        self.await_gone(f"{SPACES}/demo")
        self.ask("GET", f"{LEASES}/l1")


def _named(name: str, version: str = "v1", kind: str = "", **more: Any) -> Body:
    kind = kind or ("Namespace" if name == "demo" else "ConfigMap")
    meta = {"name": name, "labels": more.get("labels"), "ownerReferences": more.get("owners")}
    meta = {key: value for key, value in meta.items() if value}
    return {"apiVersion": version, "kind": kind, "metadata": meta, **({"data": more["data"]} if "data" in more else {})}


def _if(**preconditions: str) -> Body:
    return {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions}


def _kind_of(content_type: str) -> str:
    return {MERGE: "(merge patch) ", PATCH: "(JSON patch) "}.get(content_type, "")


def _decoded(content: bytes) -> Body:
    try:
        answer = json.loads(content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _told(answer: Body) -> str:
    """Without UIDs, versions, times, managers and messages."""
    if not answer:
        return "no object"
    if answer.get("kind") == "Status":
        details = {key: answer.get("details", {}).get(key) for key in ("name", "group", "kind")}
        uid = " with its UID" if answer["status"] == "Success" and answer["details"].get("uid") else ""
        named = " ".join(str(value) for value in details.values() if value)
        return f"Status {answer['status']} {answer.get('reason', '')} {named}{uid}".replace("  ", " ").strip()
    if "items" in answer:
        more = ", and more" if answer["metadata"].get("continue") else ""
        return f"{answer['kind']} {' '.join(item['metadata']['name'] for item in answer['items'])}{more}"
    meta = answer.get("metadata") or {}
    fields = {key: meta[key] for key in ("labels", "finalizers") if meta.get(key)}
    fields |= {"deleting": True} if meta.get("deletionTimestamp") else {}
    fields |= {"data": answer["data"]} if answer.get("data") else {}
    shown = json.dumps(fields, sort_keys=True) if fields else ""
    return f"{answer.get('kind')} {meta.get('name', '')} {shown}".replace("  ", " ").strip()
