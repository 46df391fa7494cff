"""Create the objects of a recorded installation on a real control plane, and run its Pods in name."""

import threading
import time

from bench.recorded.world import Row, acceptable, owners
from ks_reset.catalogue.names import POD_KIND
from ks_reset.cluster import Client
from ks_reset.cluster.client import MERGE_PATCH
from ks_reset.errors import ResetError
from ks_reset.model import Kind

POLL = 1.0
SETTLE_SECONDS = 30.0


class Loaded:
    """The new UIDs of the objects by title, and those that the API server refused, with its reason."""

    def __init__(self) -> None:
        self.uids: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self._by_recorded: dict[str, str] = {}

    def load(self, client: Client, rows: list[Row]) -> None:
        """Create all rows, owners before what they own. Types are discovered again after the CRDs."""
        recorded = {row.uid for row in rows}
        namespaces = {row.name: row.uid for row in rows if row.key == "Namespace"}
        waiting, kinds = rows, client.kinds()
        while waiting:
            later = []
            for row in waiting:
                if row.key not in kinds:
                    kinds = _discovered(client, row.key)
                first = {namespaces.get(row.namespace, ""), *owners(row)} & recorded
                if first - self._by_recorded.keys():
                    later.append(row)
                else:
                    self._create(client, kinds.get(row.key), row)
            if len(later) == len(waiting):
                raise ResetError(f"These objects own each other: {', '.join(row.title for row in later)}")
            waiting = later

    def _create(self, client: Client, kind: Kind | None, row: Row) -> None:
        if kind is None:
            self.refused[row.title] = "its type is not served"
            return
        body = acceptable(row, self._by_recorded)
        body |= {"apiVersion": kind.api_version, "kind": kind.kind}
        try:
            made = _created(client, kind, row, body)
        except ResetError as error:
            self.refused[row.title] = str(error)
            self._by_recorded[row.uid] = row.uid
            return
        self.uids[row.title] = self._by_recorded[row.uid] = made["metadata"]["uid"]


def run_pods(client: Client, over: threading.Event) -> None:
    """Report every Pod as running and ready, with an address, until `over`: a kubelet in name alone."""
    addresses = (f"10.244.{high}.{low}" for high in range(256) for low in range(1, 255))
    while not over.wait(POLL):
        try:
            pods = client.list(POD_KIND)
        except ResetError:
            continue
        for pod in pods:
            if pod.get("status", {}).get("phase") == "Pending":
                _run_pod(client, pod["metadata"]["namespace"], pod["metadata"]["name"], next(addresses))


def _run_pod(client: Client, namespace: str, name: str, address: str) -> None:
    ready = [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady")]
    status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "conditions": ready}
    try:
        client.request("PATCH", POD_KIND.path(namespace, name) + "/status", {"status": status}, MERGE_PATCH)
    except ResetError:
        return


def _created(client: Client, kind: Kind, row: Row, body: dict) -> dict:  # type: ignore[type-arg]
    existing = client.get(kind, row.name, row.namespace)
    if existing is None:
        return client.create(kind, body)
    meta = {key: value for key, value in body["metadata"].items() if key not in ("name", "namespace")}
    return client.merge_patch(kind, row.name, row.namespace, {"metadata": meta})


def _discovered(client: Client, key: str) -> dict[str, Kind]:
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        kinds = client.kinds()
        if key in kinds:
            return kinds
        time.sleep(POLL)
    return client.kinds()
