"""Every finding about a fleet, on real planes: its cause is planted, doctor names it, and it is gone with its cause."""

import json
from collections.abc import Iterator

import pytest
from msgspec import Struct

from ks_reset.catalogue.names import KUBEFED_CONFIG_KIND, KUBEFED_NAMESPACE, SECRET_KIND
from ks_reset.rehearsal import scenario
from ks_reset.rehearsal.fleet import RehearsalFleet
from ks_reset.rehearsal.kubefed import CONFIG_NAME
from tests.rehearsal.command import Command
from tests.rehearsal.plants import (
    CLUSTER,
    CONFIG_MAP,
    FEDERATED,
    RECORD,
    TYPE_CONFIG,
    Plant,
    called,
    joined,
    kubeconfig_of_host,
    late_clock,
    made,
    not_ready,
    other_jwt,
    patched,
    record,
    runs_out,
    silent_member,
    stray,
)

pytestmark = pytest.mark.rehearsal
Found = set[tuple[str, str]]
ALONE = {"KS_RESET_CONTEXT": "test", "KS_RESET_MEMBER": ""}
GADGET = {"kind": "Gadget", "pluralName": "gadgets", "group": "example.com", "scope": "Namespaced", "version": "v1"}
SPREAD = {"federatedType": GADGET | {"kind": "FederatedGadget"}, "targetType": GADGET, "propagation": "Enabled"}
ELSEWHERE = {"template": {"data": {}}, "placement": {"clusters": [{"name": "nowhere"}]}}
PLANTS: list[tuple[str, str, Plant]] = [
    ("two-records-one-cluster", "test and twin", record("twin")),
    ("rebuilt-cluster", "test", patched(CLUSTER, "test", "", lambda _: {"status": {"uid": "of-another-day"}})),
    ("record-without-secret", "bare", record("bare", secretRef={"name": "none"})),
    ("secret-without-record", "lost-secret", made(SECRET_KIND, "lost-secret", KUBEFED_NAMESPACE)),
    ("unready-record", "test", patched(RECORD, "test", KUBEFED_NAMESPACE, not_ready, sub="/status")),
    ("records-disagree", "test", patched(CLUSTER, "test", "", kubeconfig_of_host)),
    ("expiring-certificate", "brief", runs_out(3)),
    ("expired-certificate", "brief", runs_out(-3)),
    ("clock-skew", "The clock of test is", late_clock),
    ("other-jwt-secret", "test", patched(CONFIG_MAP, "kubesphere-config", "kubesphere-system", other_jwt, on="test")),
    (
        "proxy-without-agent",
        "test",
        patched(CLUSTER, "test", "", lambda _: {"spec": {"connection": {"type": "proxy"}}}),
    ),
    ("unknown-placement", "nowhere", made(FEDERATED, "lost", "catalog", spec=ELSEWHERE)),
    ("unplaced-target", "test", stray),
    ("type-config-without-crd", "gadgets", made(TYPE_CONFIG, "gadgets.example.com", KUBEFED_NAMESPACE, spec=SPREAD)),
    (
        "namespaced-kubefed",
        KUBEFED_NAMESPACE,
        patched(KUBEFED_CONFIG_KIND, CONFIG_NAME, KUBEFED_NAMESPACE, lambda _: {"spec": {"scope": "Namespaced"}}),
    ),
    ("foreign-kubefed", "host", made(KUBEFED_CONFIG_KIND, "kubefed", "legacy-batch", spec={"scope": "Cluster"})),
    ("two-hosts", "test-hub", joined("test-hub")),
    ("other-host", "test-kubesphere", called(**ALONE)),
    ("managed-without-host", "no record reaches it", called(**ALONE)),
    ("missing-member", "test", silent_member),
    ("unnamed-member", "test", called(KS_RESET_MEMBER="")),
    ("unreached-record", "silent", record("silent", apiEndpoint="https://127.0.0.1:1")),
    (
        "unrecorded-member",
        "alone",
        made(CLUSTER, "alone", spec={"joinFederation": True, "connection": {"type": "direct"}}),
    ),
]


OF_THE_EXAMPLE = {"dead-webhook", "federated-of-users", "dangling-role-binding", "namespace-without-workspace"}
"""Nothing answers its webhooks; test_fleet.py says why of the last two."""


class Healthy(Struct):
    """A world with kubefed stopped: nothing reacts to the planted objects."""

    world: RehearsalFleet
    run: Command
    before: Found


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Healthy]:
    folder = tmp_path_factory.mktemp("findings")
    with scenario.run_scenario("incident", "1.24.17", print, folder / "world") as world:
        run = Command(world, folder)
        assert {rule for rule, _ in _doctor(run)} == OF_THE_EXAMPLE, "with kubefed at work"
        world.scale_kubefed(0)
        yield Healthy(world, run, _doctor(run))


@pytest.mark.parametrize(("rule", "named", "plant"), PLANTS, ids=[rule for rule, _, _ in PLANTS])
def test_what_is_wrong_is_found_and_named_while_it_is_wrong(
    healthy: Healthy, rule: str, named: str, plant: Plant
) -> None:
    assert rule not in {found for found, _ in healthy.before}
    with plant(healthy.world) as environment:
        found = _doctor(healthy.run, **environment)
    assert [text for each, text in found if each == rule and named in text], found
    assert _doctor(healthy.run) == healthy.before


def test_each_rule_about_a_fleet_is_planted() -> None:
    assert len({rule for rule, _, _ in PLANTS}) == len(PLANTS) == 23


def _doctor(run: Command, **environment: str) -> Found:
    """The ids of all findings, each with its title and its evidence."""
    done = run("doctor", "-o", "json", **environment)
    assert done.returncode in (0, 3, 5), done.stderr
    found = json.loads(done.stdout)
    return {(f["id"], " ".join([f["title"], *(e["object"] for e in f["evidence"])])) for f in found}
