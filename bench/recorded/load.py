"""Create the objects of a recorded installation on a real control plane, and run its Pods in name."""

import threading
import time

from bench.recorded.world import Row, acceptable, owners
from ks_reset.catalogue.names import POD_KIND
from ks_reset.cluster import Client
from ks_reset.cluster.client import MERGE_PATCH
from ks_reset.errors import ResetError
from ks_reset.model import Body, Kind

POLL = 1.0
KIALI = Kind("kiali.io", "v1alpha1", "Kiali", "kialis", True)
SETTLE_SECONDS = 30.0


class Loaded:
    """The new UIDs of the objects by title, and those that the API server refused, with its reason."""

    def __init__(self) -> None:
        self.uids: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.by_recorded: dict[str, str] = {}

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
                if first - self.by_recorded.keys():
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
        body = acceptable(row, self.by_recorded)
        body |= {"apiVersion": kind.api_version, "kind": kind.kind}
        try:
            existing = client.get(kind, row.name, row.namespace)
            made = client.create(kind, body) if existing is None else self.reuse(client, kind, row, body, existing)
        except ResetError as error:
            self.refused[row.title] = str(error)
            self.by_recorded[row.uid] = row.uid
            return
        self.uids[row.title] = self.by_recorded[row.uid] = made["metadata"]["uid"]

    def reuse(self, client: Client, kind: Kind, row: Row, body: Body, existing: Body) -> Body:
        """Give an existing object the recorded metadata: the control plane made it, as a Namespace or an account."""
        meta = {key: value for key, value in body["metadata"].items() if key not in ("name", "namespace")}
        return client.merge_patch(kind, existing["metadata"]["name"], row.namespace, {"metadata": meta})


def run_pods(client: Client, over: threading.Event) -> None:
    """Report every Pod as running and ready, with an address, until `over`: a kubelet in name alone.

    Take off the finalizers that a program outside KubeSphere would take off.
    """
    addresses = (f"10.244.{high}.{low}" for high in range(256) for low in range(1, 255))
    while not over.wait(POLL):
        try:
            pods = client.list(POD_KIND)
        except ResetError:
            continue
        _end_instances(client)
        for pod in pods:
            if pod.get("status", {}).get("phase") == "Pending":
                _run_pod(client, pod["metadata"]["namespace"], pod["metadata"]["name"], next(addresses))


def _end_instances(client: Client) -> None:
    """What kiali-operator does at the end of an instance in deletion (kiali-operator v1.38.1, watches.yaml)."""
    try:
        kialis = client.list(KIALI)
    except ResetError:
        return
    for meta in (kiali["metadata"] for kiali in kialis):
        if meta.get("deletionTimestamp") and meta.get("finalizers"):
            client.merge_patch(KIALI, meta["name"], meta["namespace"], {"metadata": {"finalizers": None}})


def _run_pod(client: Client, namespace: str, name: str, address: str) -> None:
    ready = [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady")]
    status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "conditions": ready}
    try:
        client.request("PATCH", POD_KIND.path(namespace, name) + "/status", {"status": status}, MERGE_PATCH)
    except ResetError:
        return


def _discovered(client: Client, key: str) -> dict[str, Kind]:
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        kinds = client.kinds()
        if key in kinds:
            return kinds
        time.sleep(POLL)
    return client.kinds()
