"""Playbooks for members leave the host's record of itself alone."""

import pytest

from ks_reset.errors import Usage
from ks_reset.model import Options
from ks_reset.plan.playbook import load_playbook
from ks_reset.workflows.plan import checked_plan
from tests.build import asked, facts
from tests.shorthand import expand_case

ROWS = [{"Cluster host": {"labels": {"cluster-role.kubesphere.io/host": ""}}}]


@pytest.mark.parametrize("playbook", ["adopt-member", "detach-member"])
def test_a_host_without_members_is_no_member_to_prepare(playbook: str) -> None:
    with pytest.raises(Usage, match=r"is a host itself, without a member.*ks-reset plan uninstall --out plan\.json"):
        checked_plan(load_playbook(playbook), facts(expand_case({"host": ROWS})["host"]), Options())


def test_a_host_does_not_forget_itself() -> None:
    known = facts(expand_case({"host": [*ROWS, "Cluster eu"]})["host"])
    with pytest.raises(Usage, match="host is the host itself, whose record stays"):
        checked_plan(load_playbook("forget-member"), known, asked(members=("host",)))
