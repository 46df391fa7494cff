"""The cure of seatbelt-left: where losses follow, the playbooks against them come before `protect off`."""

from msgspec import structs

from ks_reset import seatbelt
from ks_reset.findings.fleet import seatbelt_left
from ks_reset.model import Gap, Options
from tests.build import Rows, facts
from tests.interleavings.small import TIE

WORN: Rows = [
    {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": seatbelt.NAME, "annotations": {seatbelt.RUN: run}},
        "webhooks": [],
    }
    for run in ("uninstall",)
]
DANGER: Rows = [
    {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace"},
    {"kind": "Namespace", "metadata": {"name": "shop", "ownerReferences": [TIE | {"uid": "old"}]}},
]


def cures(host: Rows, **members: Rows) -> list[str]:
    return [finding.cure for finding in seatbelt_left.check(facts(host, members), Options())]


def test_without_a_loss_it_may_come_off() -> None:
    assert cures(WORN) == [
        "If nobody finishes the run of uninstall any more, turn it off: ks-reset protect off --force."
    ]


def test_a_loss_puts_the_playbook_before_it_on_that_cluster_alone() -> None:
    member, host = cures(WORN, test=[*WORN, *DANGER])
    assert member.startswith("Leave it on. 1 object(s) of users would be lost as things stand")
    assert member.index("ks-reset plan defuse --out defuse.json") < member.index("ks-reset protect off")
    assert host.startswith("If nobody finishes the run of uninstall any more, turn it off: ks-reset protect off")


def test_where_not_everything_was_read_it_stays_on() -> None:
    known = facts(WORN)
    gap = structs.replace(known, host=structs.replace(known.host, gaps=(Gap("list of namespaces", "403"),)))
    (finding,) = seatbelt_left.check(gap, Options())
    assert finding.cure.startswith("Leave it on: what would be lost without it cannot be told. list of namespaces of")
