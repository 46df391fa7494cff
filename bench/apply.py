"""What `apply uninstall` costs on real control planes: time, requests and CPU per write, beside the bare requests.

    python -m bench.apply [--namespaces 30] [--kubernetes 1.24.17] [--sample 20]

The incident's world with so many more business namespaces, filled as those of `bench/worlds.py`; all controllers are
stopped, so nothing reacts. In the same run: as many bare JSON patches as writes, 8 in flight over one pool of
connections, and one kubectl per object on a sample. Prints a table in Markdown.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from bench.worlds import FEDERATED, namespace_contents
from ks_reset.catalogue.names import (
    CONFIG_MAP_KIND,
    DEPLOYMENT_KIND,
    KS_CONTROLLER_MANAGER,
    KUBESPHERE_NAMESPACE,
    NAMESPACE_KIND,
    WORKSPACE_KIND,
    WORKSPACE_LABEL,
)
from ks_reset.cluster import Client
from ks_reset.cluster.client import JSON_PATCH
from ks_reset.model import Body, Kind
from ks_reset.rehearsal import scenario
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.objects import key_of
from tests.rehearsal import audit
from tests.rehearsal.command import Command

LANES = 8
NAMESPACES = "remove-namespaces"
WORKSPACE = "ws1"
FEDERATED_NAMESPACE = "FederatedNamespace.types.kubefed.io"


class Cost(Struct):
    """One run of `apply`: seconds, CPU seconds, and the requests by verb.

    `leases` are the seconds waited for leases on purpose, `namespaces` those in which Kubernetes empties the deleted
    namespaces.
    """

    seconds: float
    leases: float
    namespaces: float
    cpu: float
    requests: Counter[str]

    @property
    def writes(self) -> int:
        return sum(count for verb, count in self.requests.items() if verb not in audit.READS | {"review"})

    @property
    def worked(self) -> float:
        """Seconds without these waits."""
        return self.seconds - self.leases - self.namespaces


def _stop_manager(world: RehearsalFleet, context: str) -> None:
    """Scale a ks-controller-manager to 0, and wait until its process has ended."""
    patch = {"spec": {"replicas": 0}}
    world.clusters[context].merge_patch(DEPLOYMENT_KIND, KS_CONTROLLER_MANAGER, KUBESPHERE_NAMESPACE, patch)
    kubelet = world.kubelets[context, KS_CONTROLLER_MANAGER]
    world.wait(f"ks-controller-manager of {context} has ended", lambda: not kubelet.running)


def fill_world(world: RehearsalFleet, namespaces: int) -> None:
    """Add so many business namespaces to the host, and the federated ones to the member; no controller runs."""
    world.scale_kubefed(0)
    for context, name in list(world.kubelets):
        if name == KS_CONTROLLER_MANAGER:
            _stop_manager(world, context)
    owner = world.workspace_uid(WORKSPACE)
    kinds = {context: client.kinds() for context, client in world.clusters.items()}

    def fill(count: int) -> None:
        name, federated = f"shop-{count}", count % FEDERATED == 0
        for context, client in world.clusters.items():
            if context == world.host.context or federated:
                _create_namespace(client, name, federated, owner if client is world.host else "")
        for body in namespace_contents(name):
            _create_accepted(world.host, kinds[world.host.context][key_of(body)], body)
        if federated:
            kind = kinds[world.host.context][FEDERATED_NAMESPACE]
            world.host.create(kind, _federated_namespace(kind, name))

    with ThreadPoolExecutor(LANES) as pool:
        list(pool.map(fill, range(namespaces)))


def _create_namespace(client: Client, name: str, federated: bool, owner: str) -> None:
    labels = {"kubesphere.io/namespace": name} | ({"kubefed.io/managed": "true"} if federated else {})
    meta: Body = {"name": name, "labels": labels, "finalizers": ["finalizers.kubesphere.io/namespaces"]}
    if owner:
        labels[WORKSPACE_LABEL] = WORKSPACE
        about = {"apiVersion": WORKSPACE_KIND.api_version, "kind": WORKSPACE_KIND.kind, "name": WORKSPACE}
        meta["ownerReferences"] = [about | {"uid": owner, "controller": True, "blockOwnerDeletion": True}]
    client.create(NAMESPACE_KIND, {"metadata": meta})


def _create_accepted(client: Client, kind: Kind, body: dict[str, Any]) -> None:
    """Create an object; a claim gets what an API server asks of it."""
    if body["kind"] == "PersistentVolumeClaim":
        body["spec"] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    client.create(kind, body)


def _federated_namespace(kind: Kind, name: str) -> Body:
    meta = {"name": name, "namespace": name, "finalizers": ["kubefed.io/sync-controller"]}
    placement = {"placement": {"clusters": [{"name": "host"}, {"name": "test"}]}}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, "spec": placement}


def apply_uninstall(world: RehearsalFleet, folder: Path, *flags: str) -> Cost:
    """Plan and apply uninstall with the command line, and measure the second."""
    run, plan = Command(world, folder), str(folder / "plan.json")
    planned = run("plan", "uninstall", "--out", plan)
    assert planned.returncode == 0, planned.stderr
    before, used, begun = audit.verbs(folder), _cpu_of_children(), time.perf_counter()
    applied = run("apply", plan, "--yes", "--timeout", "600", *flags)
    seconds, cpu = time.perf_counter() - begun, _cpu_of_children() - used
    assert applied.returncode == 0, applied.stderr
    return Cost(seconds, *_waits(run.journal()), cpu, audit.verbs(folder) - before)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _waits(lines: Sequence[str]) -> tuple[float, float]:
    """Seconds from the last scaling to the proofs of quiet, and after the last DELETE of a namespace."""
    events = [json.loads(line) for line in lines]
    times = [datetime.fromisoformat(event["at"]).timestamp() for event in events]
    quiet = [i for i, event in enumerate(events) if event["event"] == "quiet"]
    begun: dict[str, float] = {}
    ended: dict[str, float] = {}
    for event, at in zip(events, times, strict=True):
        if event["event"] == "begin" and event["action"]["step"] == NAMESPACES:
            begun[event["action"]["cluster"]] = at
        elif event["event"] == "end" and event["action"].startswith(NAMESPACES):
            ended[event["action"].split()[1]] = at
    return times[quiet[-1]] - times[quiet[0] - 1], sum(ended[each] - begun[each] for each in begun)


def bare_patches(client: Client, count: int) -> float:
    """Seconds for one JSON patch, with LANES of them in flight on ConfigMaps; nothing is read or written beside."""
    paths = [CONFIG_MAP_KIND.path("shop-0", f"settings-{n}") for n in range(5)]

    def patch(turn: int) -> None:
        operation = {"op": "add", "path": "/data/turn", "value": str(turn)}
        client.request("PATCH", paths[turn % len(paths)], [operation], JSON_PATCH)

    with ThreadPoolExecutor(LANES) as pool:
        list(pool.map(patch, range(4 * LANES)))  # opens the connections
        return _timed(lambda: list(pool.map(patch, range(count)))) / count


def kubectl_labels(world: RehearsalFleet, count: int) -> float:
    """Seconds for one object by a process of kubectl of its own; 0 without a kubectl."""
    kubectl = shutil.which("kubectl")
    line = [kubectl or "", "--kubeconfig", str(world.kubeconfig), "--context", world.host.context]

    def label(turn: int) -> None:
        words = ["-n", "shop-0", "label", "configmap", f"settings-{turn % 5}", f"turn={turn}", "--overwrite"]
        subprocess.run([*line, *words], check=True, capture_output=True, env=os.environ | {"HOME": "/nonexistent"})

    return _timed(lambda: [label(turn) for turn in range(count)]) / count if kubectl and count else 0.0


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def print_table(namespaces: int, cost: Cost, bare: float, kubectl: float) -> None:
    total = cost.requests.total()
    each = cost.worked / cost.writes
    rows = [
        ("namespaces", str(namespaces)),
        ("writes", str(cost.writes)),
        ("requests per write", f"{total / cost.writes:.2f}"),
        ("requests by verb", ", ".join(f"{verb} {count}" for verb, count in cost.requests.most_common())),
        ("milliseconds per write, without these waits", f"{1000 * each:.2f}"),
        ("milliseconds of a bare patch, 8 in flight", f"{1000 * bare:.2f}"),
        ("a write in times of a bare patch", f"{each / bare:.1f}"),
        ("one kubectl in times of a write", f"{kubectl / each:.1f}" if kubectl else "no kubectl here"),
        ("CPU milliseconds per write", f"{1000 * cost.cpu / cost.writes:.2f}"),
        ("seconds", f"{cost.seconds:.1f}"),
        ("of them for leases, for namespaces to empty", f"{cost.leases:.1f}, {cost.namespaces:.1f}"),
    ]
    print("| what | value |\n| --- | --- |")
    for name, value in rows:
        print(f"| {name} | {value} |")


def print_requests(folder: Path, count: int) -> None:
    """The most frequent requests of ks-reset, with those of the plan."""
    asked = Counter(
        f"{event['verb']} {(event.get('objectRef') or {}).get('resource', event['requestURI'])}"
        for event in audit.requests(folder)
    )
    for name, often in asked.most_common(count):
        print(f"{often:6} {name}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespaces", type=int, default=30)
    parser.add_argument("--kubernetes", default="1.24.17")
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--show", type=int, default=0, help="so many of the most frequent requests, on stderr")
    parser.add_argument("--keep", type=Path, help="a folder for the journal and the logs")
    given, flags = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        tell = lambda text: print(text, file=sys.stderr)  # noqa: E731
        with scenario.run_scenario("incident", given.kubernetes, tell, folder) as world:
            fill_world(world, given.namespaces)
            cost = apply_uninstall(world, folder, *flags)
            bare = bare_patches(world.host, max(400, min(cost.writes, 2000)))
            kubectl = kubectl_labels(world, given.sample)
        print_table(given.namespaces, cost, bare, kubectl)
        print_requests(folder, given.show)


if __name__ == "__main__":
    main()
