"""What a host of 4.x has written on itself is remembered by a plan, so that the host is known without its record."""

from msgspec import structs

from ks_reset.facts.claims import foreign_claim
from ks_reset.facts.join_accounts import recorded_accounts
from tests.build import asked, facts
from tests.shorthand import expand_object

MARK = {"cluster.kubesphere.io/host-cluster": "host", "cluster.kubesphere.io/name": "host"}
ROWS = (
    {"Namespace kubesphere-system": {"annotations": MARK}},
    {"Cluster host": {"labels": {"cluster-role.kubesphere.io/host": ""}}},
)


def test_the_claim_of_a_host_on_itself_outlives_its_record() -> None:
    before, without = facts([expand_object(row) for row in ROWS]), facts([expand_object(ROWS[0])])
    joins = recorded_accounts(before, asked())
    assert "uid-of-host/host-kubesphere" in joins
    assert foreign_claim(without, without.host, asked()) is not None
    assert foreign_claim(without, without.host, asked().with_material(joins=joins)) is None


def test_a_cluster_with_the_mark_of_another_host_records_no_claim_of_its_own() -> None:
    member = facts([expand_object(ROWS[0])])
    assert recorded_accounts(member, asked()) == ()
    assert foreign_claim(structs.replace(member), member.host, asked()) is not None
