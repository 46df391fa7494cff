"""The Secrets of joins: known by the cluster in their name, also once its record is gone."""

from typing import Any

from ks_reset.facts.contents import unaccounted_objects
from ks_reset.model import FleetFacts, Options
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests.build import facts
from tests.shorthand import expand_case

HOME = ("Namespace kube-federation-system", "KubeFedConfig kubefed", "Secret kube-federation-system/us-secret")


def fleet(*rows: Any) -> FleetFacts:
    return facts(expand_case({"host": [*HOME, *rows]})["host"])


def unknown(now: FleetFacts, joins: tuple[str, ...]) -> list[str]:
    return [obj.title for obj in unaccounted_objects(now.host, Options().request, joins)]


def test_a_run_knows_the_secret_of_a_cluster_that_never_answered_once_its_cluster_is_gone() -> None:
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), fleet("Cluster us"), Options())
    assert unknown(fleet(), plan.material.joins) == []
    assert unknown(fleet(), ()) == ["Secret kube-federation-system/us-secret"]


def test_the_name_of_another_cluster_is_no_proof() -> None:
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), fleet("Cluster us-east"), Options())
    assert unknown(fleet(), plan.material.joins) == ["Secret kube-federation-system/us-secret"]
