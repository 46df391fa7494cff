"""What keeps a shared namespace: everything that neither the component nor its controllers account for."""

from typing import Any

import pytest

from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.model import ClusterFacts, Request
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests import weave
from tests.build import asked, facts
from tests.shorthand import expand_case

PLAN = "Plan.v1.mine.example.com p"


def with_scope(*more: Any) -> ClusterFacts:
    return facts(expand_case({"host": [*weave.SCOPE, *more]})["host"]).host


def unknown(cluster: ClusterFacts) -> list[str]:
    return [o.title for objects in SharedNamespaces(cluster, Request()).unknown.values() for o in objects]


@pytest.mark.parametrize("kind", ["Pod", "Job.v1.batch", "ReplicaSet.v1.apps", "ConfigMap"])
def test_an_object_of_a_living_cluster_wide_owner_of_a_users_keeps_the_namespace(kind: str) -> None:
    assert len(unknown(with_scope(PLAN, {f"{kind} weave/mine": {"owners": [PLAN]}}))) == 1


@pytest.mark.parametrize("kind", ["Pod", "Job.v1.batch", "ConfigMap"])
@pytest.mark.parametrize("served", ["Workspace ws1", "Workspace", "Namespace shop"])
def test_an_owner_of_kubespheres_group_proves_nothing_in_a_shared_namespace(kind: str, served: str) -> None:
    assert len(unknown(with_scope(served, {f"{kind} weave/mine": {"owners": ["Workspace ws1"]}}))) == 1


def test_a_static_pod_and_what_the_program_made_do_not_keep_the_namespace() -> None:
    static = {"Pod weave/static": {"owners": ["Node worker"]}}
    made = {"Pod weave/weave-scope-app-74-a": {"owners": [{"ReplicaSet weave-scope-app-74": {"uid": "gone"}}]}}
    assert unknown(with_scope("Node worker", static, made)) == []


def test_objects_that_own_each_other_keep_the_namespace() -> None:
    circle = (
        {"ConfigMap weave/a": {"owners": ["ConfigMap weave/b"]}},
        {"ConfigMap weave/b": {"owners": ["ConfigMap weave/a"]}},
    )
    cluster = with_scope(*circle)
    assert unknown(cluster) == ["ConfigMap weave/a", "ConfigMap weave/b"]
    assert not SharedNamespaces(cluster, Request()).goes(cluster.get("ConfigMap", "a", "weave"))


def test_an_object_that_owns_itself_keeps_the_namespace() -> None:
    assert unknown(with_scope({"ConfigMap weave/a": {"owners": ["ConfigMap weave/a"]}})) == ["ConfigMap weave/a"]


LATER = {"Namespace gatekeeper-system": {"labels": {"kubesphere.io/workspace": "system-workspace"}}}


@pytest.mark.parametrize("kept", [True, False])
def test_the_plan_says_how_to_remove_later_what_no_later_plan_can_tell(kept: bool) -> None:
    rows = [LATER, "Service gatekeeper-system/gatekeeper-webhook-service"]
    options = asked(kept_operators=("gatekeeper",)) if kept else asked()
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), facts(expand_case({"host": rows})["host"]), options)
    assert [each.object for each in plan.kept] == ["Namespace gatekeeper-system"]
    assert plan.kept[0].why.endswith("kubectl --context host delete namespace gatekeeper-system")
