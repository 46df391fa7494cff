"""A plan is applied to its own clusters alone; the refusal says by which contexts they were reached."""

import shlex

import pytest
from msgspec import structs

from ks_reset.apply.preflight import require_same_clusters
from ks_reset.errors import Stale
from ks_reset.model import FleetFacts, Options
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from tests.build import facts
from tests.commands import takes_all_flags
from tests.shorthand import expand_case

HOST = expand_case({"host": ["Namespace kubesphere-system"]})["host"]
KNOWN = facts(HOST, {"eu": [], "us": []})
OTHERS: dict[str, FleetFacts] = {
    "another host": structs.replace(KNOWN, host=structs.replace(KNOWN.host, identity="uid-of-another")),
    "without a member": facts(HOST, {"eu": []}),
    "with one more": facts(HOST, {"eu": [], "us": [], "asia": []}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_flags_with_which_the_plan_was_made_are_named(name: str) -> None:
    plan = make_plan(load_playbook("uninstall"), KNOWN, Options())
    require_same_clusters(KNOWN, plan)
    with pytest.raises(Stale) as refused:
        require_same_clusters(OTHERS[name], plan)
    flags = str(refused.value).partition("The plan was made with: ")[2].rstrip(".")
    assert flags == "--context host --member eu=eu --member us=us"
    assert takes_all_flags(["ks-reset", "apply", "plan.json", *shlex.split(flags)])
