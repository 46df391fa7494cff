"""Members are read by a pool of threads: a slow one delays no other, and their number is bounded."""

import threading
from typing import Any

import pytest

from ks_reset.facts import gather
from ks_reset.facts.fleet import Clients
from ks_reset.model import ClusterFacts
from tests.build import cluster

MEMBERS = 100


def clients() -> Clients:
    host: Any = type("Client", (), {"context": "host"})
    members: dict[str, Any] = {f"m{n}": type("Client", (), {"context": f"m{n}"}) for n in range(MEMBERS)}
    return Clients(host, members)


def test_a_slow_member_delays_no_other_and_the_threads_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first member answers after all others have been read."""
    lock, all_others, read, threads = threading.Lock(), threading.Event(), list[str](), set[str]()

    def read_one(_: object, name: str) -> ClusterFacts:
        if name == "m0":
            assert all_others.wait(20), f"only {len(read)} were read beside the slow one"
        with lock:
            read.append(name)
            threads.add(threading.current_thread().name)
            if len(read) == MEMBERS:  # the host, and all members but the slow one
                all_others.set()
        return cluster(name, [])

    monkeypatch.setattr(gather, "read_cluster", read_one)
    monkeypatch.setattr(gather, "with_dials", lambda _, world: world)
    facts = gather.read_fleet(clients())
    assert [world.name for world in facts.members] == [f"m{n}" for n in range(MEMBERS)], "in the operator's order"
    assert read[-1] == "m0"
    assert len(threads) <= gather.CLUSTERS
