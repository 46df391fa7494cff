"""The network to a member fails in the middle, in all its ways: nothing is lost, and the run is finished."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ks_reset.catalogue.names import KUBEFED_CLUSTER_KIND, KUBEFED_NAMESPACE, NAMESPACE_KIND
from ks_reset.cluster import until
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.plane.certs import write_private
from tests.rehearsal import audit
from tests.rehearsal.command import Command
from tests.rehearsal.inventory import inventory
from tests.rehearsal.proxy import Proxy

pytestmark = pytest.mark.rehearsal
MakeWorld = Callable[..., RehearsalFleet]
LIMITS = ("--yes", "--request-timeout", "2", "--timeout", "30")
TOO_LATE, LATE = 5.0, 0.2
"""Seconds for each chunk: longer than the time limit of a request, and well within it."""


@pytest.mark.parametrize(
    ("cut", "lines"),
    [
        pytest.param(Proxy.drop, 16, id="drop"),
        pytest.param(Proxy.reset, 150, id="reset", marks=pytest.mark.nightly),
    ],
)
def test_a_member_lost_to_the_network_is_left_behind_and_finished_later(
    world: MakeWorld, tmp_path: Path, cut: Callable[[Proxy], None], lines: int
) -> None:
    made = world()
    made.arm()
    before = inventory(made)
    with Proxy(made.test.server) as proxy:
        run, plan = _through(proxy, made, tmp_path), str(tmp_path / "plan.json")
        assert run("plan", "uninstall", "--out", plan).returncode == 0

        cut(proxy)
        refused = run("apply", plan, *LIMITS)
        assert (refused.returncode, run.journal()) == (5, []), refused.stderr
        assert audit.writes(tmp_path) == 0

        proxy.forward()
        _lost(run, plan, lines, lambda: cut(proxy))
        assert [*_leftovers(made)] == []

        proxy.forward()
        _lost(run, plan, len(run.journal()) + 12, lambda: proxy.delay(TOO_LATE))

        proxy.forward()
        assert _slowly(run, plan, proxy) == 0, run.said()
        verified = run("verify")
        assert verified.returncode == 0, verified.stdout
    assert _unannounced(made, run, tmp_path) == []
    after = inventory(made)
    assert {name for name in before if after.get(name) != before[name]} == set()


def _through(proxy: Proxy, made: RehearsalFleet, folder: Path) -> Command:
    """The command line with the proxy in front of the member, in its kubeconfig and in kubefed's record of it."""
    run = Command(made, folder)
    record = {"spec": {"apiEndpoint": proxy.server}}
    made.host.merge_patch(KUBEFED_CLUSTER_KIND, "test", KUBEFED_NAMESPACE, record)
    config = json.loads(made.kubeconfig.read_text())
    for entry in config["clusters"]:
        if entry["name"] == "test":
            entry["cluster"]["server"] = proxy.server
    path = write_private(folder / "kubeconfig-through-proxy", json.dumps(config).encode())
    run.environment |= {"KUBECONFIG": str(path), "COLUMNS": "10000"}
    return run


def _lost(run: Command, plan: str, lines: int, cut: Callable[[], None]) -> None:
    """Apply, cut the network once the journal is so long, and see the run end in good order without the member."""
    process = run.start("apply", plan, *LIMITS)
    assert until(lambda: len(run.journal()) >= lines, 120), run.said()
    cut()
    assert process.wait(300) == 7, run.said()
    refusal = run.said().partition("ks-reset: Not all clusters are done\n")[2]
    assert refusal.split()[:4] == ["Seen", "Left", "behind:", "test:"], run.said()
    assert "Traceback" not in run.said()
    assert [odd for odd in ("Error(", "..") if odd in refusal] == []
    events = [json.loads(line)["event"] for line in run.journal()]
    assert events[-1] == "stopped"
    assert "left behind" in events


def _slowly(run: Command, plan: str, proxy: Proxy) -> int:
    """Apply while the network is slow for some of the time; the exit code."""
    begun = len(run.journal())
    process = run.start("apply", plan, *LIMITS)
    assert until(lambda: len(run.journal()) >= begun + 8, 120), run.said()
    proxy.delay(LATE)
    assert until(lambda: len(run.journal()) >= begun + 20, 120), run.said()
    proxy.forward()
    return process.wait(300)


def _leftovers(made: RehearsalFleet) -> Iterator[str]:
    """What the host still has of KubeSphere and kubefed: types, marks, and namespaces."""
    kinds = made.host.kinds()
    yield from (key for key in kinds if key.endswith(("kubesphere.io", "kubefed.io")))
    for kind in kinds.values():
        for body in made.host.list(kind):
            meta = {key: value for key, value in body["metadata"].items() if key != "managedFields"}
            if "kubesphere.io/" in json.dumps(meta) or "kubefed.io/" in json.dumps(meta):
                yield f"{kind.key} {meta['name']}"
    gone = ("kubesphere-system", "kube-federation-system")
    yield from (name for name in gone if made.host.get(NAMESPACE_KIND, name))


def _unannounced(made: RehearsalFleet, run: Command, folder: Path) -> list[str]:
    """The writes seen by an API server without an earlier `begin` of their own in the journal."""
    begun: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for event in map(json.loads, run.journal()):
        if event["event"] == "begin":
            begun[_announced(event["action"])].append(event["at"][:23])
    found = []
    for context, cluster in made.clusters.items():
        sent: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for request in audit.requests(folder / "1.24.17" / context):
            if not audit.aside(request):
                sent[cluster.identity, *_object(request)].append(request["requestReceivedTimestamp"][:23])
        assert sum(map(len, sent.values())) > 50
        for key, times in sent.items():
            first = sorted(begun.get(key, []))
            found += [f"{key} at {at}" for i, at in enumerate(sorted(times)) if i >= len(first) or first[i] > at]
    return found


def _announced(action: dict[str, Any]) -> tuple[str, ...]:
    verb = "delete" if action["verb"] == "delete" else "patch"
    kind = action["kind"]
    return (action["cluster"], verb, kind["group"], kind["plural"], action.get("namespace", ""), action["name"])


def _object(request: dict[str, Any]) -> tuple[str, ...]:
    ref = request["objectRef"]
    space = "" if ref["resource"] == "namespaces" else ref.get("namespace", "")
    return (request["verb"], ref.get("apiGroup", ""), ref["resource"], space, ref.get("name", ""))
