"""Events for a controller: a watch fills a cache and a queue of names; failures are queued again.

Polling is not enough. kubefed removes its label from a namespace for some milliseconds, and in this gap the real
namespace controller binds it to a Workspace: so a multi-cluster project is lost. And periodic reconciliation would
repair objects left to the garbage collector by the real controllers, which get no event for them.
"""

import json
import queue
import ssl
import threading
import time
import urllib.request
from base64 import b64decode
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from msgspec import Struct

from ks_reset.cluster import Client
from ks_reset.cluster.transport import NotFound
from ks_reset.errors import Conflict, ResetError
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.standin.api import Handler, log

WATCH_SECONDS = 300
AGAIN_SECONDS = 0.02
BROKEN_SECONDS = 0.3


class Access(Struct, frozen=True):
    """Opens a watch on an API server: `ks_reset.cluster` has none, since the tool itself needs none."""

    server: str
    token: str
    ca: str

    @classmethod
    def read(cls, kubeconfig: Path, context: str) -> "Access":
        """From a plane's kubeconfig: JSON, one user and one cluster per context, a token."""
        config = json.loads(kubeconfig.read_text())
        chosen = next(c["context"] for c in config["contexts"] if c["name"] == context)
        cluster = next(c["cluster"] for c in config["clusters"] if c["name"] == chosen["cluster"])
        user = next(u["user"] for u in config["users"] if u["name"] == chosen["user"])
        return cls(cluster["server"], user["token"], b64decode(cluster["certificate-authority-data"]).decode())

    def watch(self, kind: Kind) -> Iterator[Body]:
        """Every existing object, then every change, until the server ends the stream. Raises OSError."""
        url = f"{self.server}{kind.path()}?watch=true&timeoutSeconds={WATCH_SECONDS}"
        headers = {"Authorization": f"Bearer {self.token}", "User-Agent": "ks-reset-rehearsal"}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310
        context = ssl.create_default_context(cadata=self.ca)
        with urllib.request.urlopen(request, context=context, timeout=WATCH_SECONDS + 30) as stream:  # noqa: S310
            for line in stream:
                yield json.loads(line)


class Informer:
    """One controller: its type, its handler, and two daemon threads."""

    def __init__(self, access: Access, cluster: Client, kind: Kind, handler: Handler) -> None:
        self._access = access
        self._cluster = cluster
        self._kind = kind
        self._handler = handler
        self._cache: dict[str, Body] = {}
        self._queue: queue.Queue[str] = queue.Queue()

    def start(self) -> None:
        for run in (self._watch_objects, self._work_queue):
            threading.Thread(target=run, name=f"{self._kind.plural}-{run.__name__}", daemon=True).start()

    def _watch_objects(self) -> None:
        while True:
            try:
                for event in self._access.watch(self._kind):
                    self._take_event(event["type"], event["object"])
            except (OSError, ValueError) as error:
                log.info("The watch of %s ended: %s", self._kind.key, error)
                time.sleep(BROKEN_SECONDS)

    def _take_event(self, what: str, body: Body) -> None:
        """Queue a changed object. A new watch repeats all objects; the real one resumes at its last resourceVersion."""
        if what not in ("ADDED", "MODIFIED", "DELETED"):
            raise ValueError(f"the watch sent {what}")
        name = body["metadata"]["name"]
        if what == "DELETED":
            self._cache.pop(name, None)
            return
        before, self._cache[name] = self._cache.get(name), body
        if before is None or before["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"]:
            self._queue.put(name)

    def _work_queue(self) -> None:
        while True:
            name = self._queue.get()
            body = self._cache.get(name)
            if body is not None and not self._handle_object(name, body):
                threading.Timer(AGAIN_SECONDS, self._queue.put, (name,)).start()

    def _handle_object(self, name: str, body: Body) -> bool:
        try:
            self._handler(self._cluster, deepcopy(body))
        except (Conflict, NotFound):
            return False
        except ResetError as error:
            log.warning("%s %s failed and is tried again: %s", self._kind.key, name, error)
            return False
        return True
