"""Shared by the tests of the seatbelt: the garbage collector's deletions, and the parts of a seatbelt."""

from collections import Counter
from pathlib import Path

from msgspec import Struct

from ks_reset import seatbelt
from ks_reset.catalogue.names import NAMESPACE_KIND, POD_KIND
from ks_reset.cluster import Client
from ks_reset.cluster.client import MERGE_PATCH
from ks_reset.model import Body, Kind
from ks_reset.rehearsal.fleet import RehearsalFleet
from tests.rehearsal import audit, collector
from tests.rehearsal.command import Command

VOLUME = Kind("", "v1", "PersistentVolume", "persistentvolumes", False)


class Belted(Struct):
    """A world with the running incident and the seatbelt on; these tests build on each other."""

    world: RehearsalFleet
    host: Client
    run: Command
    folder: Path
    policy: bool


def wrote(folder: Path) -> int:
    """How many writes ks-reset sent, dry runs left out."""
    return sum(e["verb"] not in audit.READS and "dryRun" not in e["requestURI"] for e in audit.requests(folder))


def accepting(belted: Belted) -> list[str]:
    """The flags that accept the loss of every namespace: the incident goes on."""
    found = {body["metadata"]["name"] for each in belted.world.clusters.values() for body in each.list(NAMESPACE_KIND)}
    return [word for name in sorted(found) for word in ("--accept-loss", name)]


def asked(folder: Path, resource: str) -> Counter[tuple[str, int]]:
    """How often the garbage collector asked the host for the deletion of each object of a type, by name and answer."""
    return collector.deletions(folder / "world" / "host", resource)


def ran(cluster: Client, pod: Body, phase: str) -> None:
    """Report a Pod as ready or finished, as a kubelet does."""
    now = {"phase": phase, "conditions": [{"type": "Ready", "status": str(phase == "Running")}]}
    path = POD_KIND.path(pod["metadata"]["namespace"], pod["metadata"]["name"]) + "/status"
    cluster.request("PATCH", path, {"status": now}, MERGE_PATCH)


def pieces(cluster: Client) -> list[tuple[Kind, Body]]:
    """What there is of the seatbelt, the last made last."""
    kinds = cluster.kinds()
    served = [kinds[key] for key in seatbelt.KINDS if key in kinds]
    return [(kind, body) for kind in served if (body := cluster.get(kind, seatbelt.NAME))]


def weak(kind: Kind, body: Body) -> Body:
    """The patch to exempt volumes alone: the running incident would delete exempted namespaces."""
    if kind.key != seatbelt.KINDS[1]:
        let = {"objectSelector": {"matchLabels": {"no": "where"}}}
        return {"webhooks": [hook | let if hook["name"].startswith("volumes.") else hook for hook in body["webhooks"]]}
    rule = {"apiGroups": [""], "apiVersions": ["*"], "operations": ["*"], "resources": [VOLUME.plural]}
    return {"spec": {"matchResources": {"excludeResourceRules": [rule]}}}
