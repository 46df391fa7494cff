"""Deferred plans for members left for later, and errors for unknown names before anything is planned."""

from pathlib import Path

import pytest

from ks_reset.errors import Refused, Stale, Unknown, Usage
from ks_reset.model import FleetFacts, Options, Plan
from ks_reset.plan import deferred
from ks_reset.plan import file as plan_file
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.workflows.plan import checked_plan
from tests.build import Rows, asked, facts
from tests.commands import commands_in, takes_all_flags

FED = "kube-federation-system"
HOST: Rows = [
    {"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster", "metadata": {"name": "eu", "namespace": FED}},
    {
        "apiVersion": "cluster.kubesphere.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": "eu"},
        "status": {"uid": "uid-of-eu", "kubernetesVersion": "v1.24.17"},
    },
]
DIALS: Rows = [{"record": "eu", "reach": "unreachable", "account": "eu-berlin", "endpoint": "https://eu:6443"}]


def known() -> FleetFacts:
    return facts(HOST, {}, DIALS)


def left(playbook: str, options: Options) -> Plan:
    (found,) = deferred.deferred_plans(planning.make_plan(playbooks.load_playbook(playbook), known(), options), known())
    return found


def test_a_member_left_by_an_uninstall_is_uninstalled_by_itself_with_its_host_gone() -> None:
    plan = left("uninstall", asked(later=("eu",), data=("kubesphere-monitoring-system",)))
    cluster = plan.clusters[0]
    assert (plan.playbook, plan.open, plan.actions) == ("uninstall", True, ())
    assert (cluster.identity, cluster.name, cluster.endpoint) == ("uid-of-eu", "eu", "https://eu:6443")
    assert (plan.request.gone, plan.request.members) == (("eu-berlin",), ("none",))
    assert plan.request.data == ("kubesphere-monitoring-system",)


def test_a_member_that_was_forgotten_is_cleaned_of_its_hosts_marks() -> None:
    plan = left("forget-member", asked(members=("eu",)))
    assert (plan.playbook, plan.scope, plan.request.gone) == ("adopt-member", "member", ("eu-berlin",))


def test_an_unnamed_member_that_was_left_out_is_recorded_like_a_named_one() -> None:
    plan = checked_plan(playbooks.load_playbook("uninstall"), known(), asked(members=("none",)))
    assert plan.request.later == ("eu",)
    assert [p.clusters[0].name for p in deferred.deferred_plans(plan, known())] == ["eu"]
    everybody = facts(HOST, {"eu": []}, [{"record": "eu", "identity": "eu"}])
    assert deferred.unnamed_members(everybody, Options()) == ()


def test_a_plan_for_all_members_leaves_no_deferred_plan() -> None:
    for name in ("stale-record", "detach-member", "uninstall"):
        made = planning.make_plan(playbooks.load_playbook(name), known(), Options())
        assert list(deferred.deferred_plans(made, known())) == []


def test_an_open_plan_is_saved_and_read_and_cannot_be_applied(tmp_path: Path) -> None:
    plan = left("uninstall", asked(later=("eu",)))
    plan_file.save_plan(plan, tmp_path / "p.json")
    assert plan_file.load_plan(tmp_path / "p.json") == plan
    with pytest.raises(Refused, match="no objects yet: it was left for later") as refused:
        deferred.require_objects(plan, tmp_path / "p.json")
    named = commands_in(str(refused.value))
    assert named[0][2] == str(tmp_path / "p.json")
    assert all(map(takes_all_flags, named)), named


def test_an_open_plan_fits_the_cluster_that_it_was_saved_for_and_no_other() -> None:
    plan = left("uninstall", asked(later=("eu",)))
    with pytest.raises(Stale, match="saved for eu with identity uid-of-eu"):
        deferred.require_same_cluster(plan, facts([]))
    deferred.require_same_cluster(left("forget-member", asked(members=("us",))), facts([]))


@pytest.mark.parametrize(
    ("playbook", "options", "said"),
    [
        ("forget-member", Options(), "needs to know which: --members NAME. Records: eu"),
        ("forget-member", asked(members=("ue",)), "There is no member ue. There are: eu"),
        ("detach-member", Options(), "needs to know which, .*--member eu=CONTEXT .* Records: eu"),
        ("adopt-member", asked(members=("none",)), "needs to know which"),
        ("stale-record", asked(records=("ue",)), "There is no record ue. There are: eu"),
        ("uninstall", asked(members=("ue",)), "There is no member with a context ue. There are: none"),
        ("uninstall", asked(shared=("ue",), later=("eu",)), "There is no member with a context ue. There are: none"),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones(playbook: str, options: Options, said: str) -> None:
    with pytest.raises(Usage, match=said):
        checked_plan(playbooks.load_playbook(playbook), known(), options)


def test_a_deferred_plan_does_not_ask_again_for_what_other_clusters_have() -> None:
    chosen = {"kept_operators": ("fluentbit-operator",), "kept_types": ("widgets.odd.kubesphere.io",)}
    saved = left("uninstall", asked(later=("eu",), **chosen))
    book, alone = playbooks.load_playbook("uninstall"), facts([])
    assert checked_plan(book, alone, saved.options, saved).request.kept_types == chosen["kept_types"]
    with pytest.raises(Usage, match="--keep-operator fluentbit-operator: no workload"):
        checked_plan(book, alone, saved.options)


@pytest.mark.parametrize(
    "known",
    [
        facts([], gaps=[{"what": "list of deployments.apps", "why": "403"}]),
        facts([], missing=[{"name": "eu", "context": "eu", "why": "no route"}]),
    ],
    ids=["gap", "missing"],
)
def test_a_kept_operator_is_not_called_absent_where_not_everything_was_read(known: FleetFacts) -> None:
    with pytest.raises(Unknown):
        checked_plan(playbooks.load_playbook("uninstall"), known, asked(kept_operators=("fluentbit-operator",)))
