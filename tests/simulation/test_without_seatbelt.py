"""Losses once a seatbelt is off, and the playbooks that prevent them."""

import pytest
from msgspec import structs

from ks_reset.errors import Refused
from ks_reset.model import FleetFacts
from ks_reset.simulation import defusing_playbooks, losses_without_seatbelt, refuse_losses_without_seatbelt
from tests.build import Rows, facts
from tests.interleavings.small import TIE, Small

WORKSPACES: Rows = [
    {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace"},
    {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"},
]
SHOP = {"kind": "Namespace", "metadata": {"name": "shop", "ownerReferences": [TIE | {"uid": "old"}]}}
CLAIM = {"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop"}}
COLLECTED: Rows = [*WORKSPACES, SHOP, CLAIM]


def playbooks_of(known: FleetFacts) -> list[str]:
    return defusing_playbooks(known, losses_without_seatbelt(known, {world.identity for world in known.clusters}))


def refused(known: FleetFacts, *accepted: str) -> str:
    with pytest.raises(Refused) as error:
        refuse_losses_without_seatbelt(known, {"uid-of-host"}, accepted, "--context host", "ks-reset protect off")
    return str(error.value)


def test_losses_are_those_of_the_clusters_that_lose_their_seatbelt() -> None:
    known = facts(COLLECTED, {"test": COLLECTED})
    found = losses_without_seatbelt(known, {"uid-of-test"})
    assert {(subject.id.cluster, subject.id.title) for _, subject, _ in found} >= {("uid-of-test", "Namespace shop")}
    assert {subject.id.cluster for _, subject, _ in found} == {"uid-of-test"}
    assert losses_without_seatbelt(known, set()) == []


def test_an_accepted_namespace_stands_for_its_contents() -> None:
    known = facts(COLLECTED)
    assert "--accept-loss shop" in refused(known)
    accepted = refuse_losses_without_seatbelt(known, {"uid-of-host"}, ["shop"], "", "add")
    assert "Namespace shop" in {subject.id.title for _, subject, _ in accepted}
    assert "Namespace shop" in refused(known, "shops", "sho")


@pytest.mark.parametrize(
    ("contents", "kept"),
    [
        ([], set()),
        ([{"kind": "ConfigMap", "metadata": {"name": "rest", "namespace": "old"}}], set()),
        (
            [{"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "old"}}],
            {"PersistentVolumeClaim old/data"},
        ),
    ],
)
def test_a_deletion_under_way_is_kept_by_a_seatbelt_only_where_a_claim_remains(contents: Rows, kept: set[str]) -> None:
    old = {"kind": "Namespace", "metadata": {"name": "old", "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    known = facts([*WORKSPACES, {**old, "spec": {"finalizers": ["kubernetes"]}}, *contents])
    found = {subject.id.title for _, subject, _ in losses_without_seatbelt(known, {"uid-of-host"})}
    assert {title for title in found if not title.startswith("Namespace ")} == kept
    assert bool(found) == bool(kept)


def test_what_a_seatbelt_does_not_keep_is_no_loss_by_taking_it_off() -> None:
    settings = {"kind": "ConfigMap", "metadata": {"name": "kept", "namespace": "shop"}}
    settings["metadata"] |= {"ownerReferences": [TIE | {"uid": "old"}]}
    known = facts([*WORKSPACES, {"kind": "Namespace", "metadata": {"name": "shop"}}, settings])
    assert losses_without_seatbelt(known, {"uid-of-host"}) == []


def test_the_loss_is_told_for_each_cluster() -> None:
    known = facts(COLLECTED, {"test": COLLECTED})
    with pytest.raises(Refused, match="Lost: shop on host; shop on test") as error:
        refuse_losses_without_seatbelt(known, {"uid-of-host", "uid-of-test"}, (), "", "add")
    assert str(error.value).startswith("The seatbelt of test, host stays on")


def test_an_accepted_namespace_stands_for_the_volume_of_a_claim_that_goes_by_itself() -> None:
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop", "uid": "c"}}
    claim["metadata"] |= {"ownerReferences": [TIE | {"uid": "old"}]}
    bound = {"namespace": "shop", "name": "data", "uid": "c"}
    spec = {"persistentVolumeReclaimPolicy": "Delete", "claimRef": bound}
    volume = {"kind": "PersistentVolume", "metadata": {"name": "v"}, "spec": spec}
    known = facts([*WORKSPACES, {"kind": "Namespace", "metadata": {"name": "shop"}}, claim, volume])
    accepted = refuse_losses_without_seatbelt(known, {"uid-of-host"}, ["shop"], "", "add")
    assert [subject.id.title for _, subject, _ in accepted] == ["PersistentVolumeClaim shop/data", "PersistentVolume v"]
    assert "Lost: shop on host" in refused(known, "data")


def test_the_refusal_says_chain_loss_and_commands() -> None:
    text = refused(facts(COLLECTED))
    assert text.startswith("The seatbelt of host stays on")
    assert "  1. garbage collector deletes Namespace shop on host" in text
    assert (
        "  ks-reset plan defuse --context host --out defuse.json\n  ks-reset apply defuse.json --context host\n" in text
    )
    assert text.endswith("If the loss is meant: ks-reset protect off --accept-loss shop")


@pytest.mark.parametrize(
    ("small", "books"),
    [
        (Small(stale=False), []),
        (Small(stale=False, workspace="gone"), ["defuse"]),
        (Small(workspace="dying"), ["defuse"]),
        (Small(kubefed=True), ["stale-record"]),
        (Small(everywhere=True), ["stale-record"]),
    ],
)
def test_the_playbook_is_the_one_that_prevents_every_loss(small: Small, books: list[str]) -> None:
    assert playbooks_of(small.facts()) == books


def test_the_stale_record_is_the_one_that_is_tried_also_where_it_is_the_first() -> None:
    known = Small(kubefed=True).facts()
    turned = structs.replace(known.host, dials=tuple(reversed(known.host.dials)))
    assert playbooks_of(structs.replace(known, host=turned)) == ["stale-record"]


def test_where_one_does_not_prevent_every_loss_both_are_named() -> None:
    known = Small(kubefed=True).facts()
    shop = next(obj for obj in known.host.of("Namespace") if obj.name == "shop")
    old = {"kind": "Namespace", "metadata": {**shop.meta, "name": "old", "uid": "uid-of-old"}}
    old["metadata"] |= {"ownerReferences": [TIE | {"uid": "uid-of-a-former-ws1"}], "labels": {}}
    assert playbooks_of(_with_row(known, old)) == ["defuse", "stale-record"]


def _with_row(known: FleetFacts, row: dict[str, object]) -> FleetFacts:
    added = facts([row]).host.objects
    objects = {key: (*known.host.objects.get(key, ()), *objs) for key, objs in added.items()}
    return structs.replace(known, host=structs.replace(known.host, objects=known.host.objects | objects))
