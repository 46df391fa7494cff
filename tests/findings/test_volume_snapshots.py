"""A VolumeSnapshot in a namespace that goes: the data of a snapshot that would go with it can be kept."""

from typing import Any

import pytest

from ks_reset.facts.volume_snapshots import CONTENT_KEY
from ks_reset.findings import check_rule
from ks_reset.findings.fleet import unknown_contents
from ks_reset.model import FleetFacts, Options
from tests.build import facts
from tests.findings.ways import carried_out
from tests.shorthand import expand_object

HOME = "kubesphere-monitoring-system"


def world(policy: str) -> FleetFacts:
    reference = {"volumeSnapshotRef": {"namespace": HOME, "name": "daily"}, "deletionPolicy": policy}
    other = {"volumeSnapshotRef": {"namespace": "shop", "name": "daily"}, "deletionPolicy": "Delete"}
    rows: list[Any] = [
        f"Namespace {HOME}",
        f"VolumeSnapshot.v1.snapshot.storage.k8s.io {HOME}/daily",
        "VolumeSnapshot.v1.snapshot.storage.k8s.io shop/daily",
        {"VolumeSnapshotContent.v1.snapshot.storage.k8s.io mine": {"spec": reference}},
        {"VolumeSnapshotContent.v1.snapshot.storage.k8s.io of-shop": {"spec": other}},
    ]
    return facts([expand_object(row) for row in rows])


def cure_of(known: FleetFacts) -> str:
    (finding,) = check_rule(unknown_contents.check, known, Options())
    return finding.cure


def test_the_command_of_the_cure_keeps_the_snapshot_in_the_storage() -> None:
    known = world("Delete")
    cure = cure_of(known)
    assert "of-shop" not in cure
    patch = "kubectl --context host patch volumesnapshotcontents.snapshot.storage.k8s.io/mine --type=merge -p"
    assert patch in cure
    after = carried_out(known, cure[cure.index(patch) :])
    policies = {content.name: content.spec["deletionPolicy"] for content in after.host.of(CONTENT_KEY)}
    assert policies == {"mine": "Retain", "of-shop": "Delete"}
    assert patch not in cure_of(after)


@pytest.mark.parametrize("policy", ["Retain", ""])
def test_a_snapshot_that_stays_in_the_storage_needs_no_command(policy: str) -> None:
    assert "volumesnapshotcontents" not in cure_of(world(policy))
