"""The effective configuration: values over what ran before, and the checks and images that follow from it."""

from typing import Any

import pytest
from msgspec import structs
from rich.console import Console

from ks_reset.findings import check_install
from ks_reset.install import images
from ks_reset.install.configuration import render_configuration
from ks_reset.model import ExternalAnswers, Finding, FleetFacts, Source, SourceContent, Values
from ks_reset.report.install import print_feasibility
from tests.build import facts
from tests.shorthand import expand_object

VALUES = Values("v3.3.1", Source("installer.yaml"))
RAN: dict[str, Any] = {
    "persistence": {"storageClass": "quick"},
    "local_registry": "mirror.example.com",
    "namespace_override": "offline",
    "common": {"core": {"console": {"port": 31010, "enableMultiLogin": False, "type": "NodePort"}}},
    "multicluster": {"clusterRole": "host", "hostClusterName": "hall"},
}


def known(spec: dict[str, Any], *rows: Any, members: tuple[str, ...] = ()) -> FleetFacts:
    ran = {"ClusterConfiguration kubesphere-system/ks-installer": {"spec": spec}}
    return facts([expand_object(row) for row in (ran, *rows)], {name: [] for name in members})


def found(values: Values, fleet: FleetFacts, name: str) -> list[Finding]:
    return [f for f in check_install(values, fleet, ExternalAnswers(SourceContent())) if f.id == name]


def test_port_and_host_name_of_the_values_win_over_what_ran_before() -> None:
    fleet = known(RAN)
    spec = render_configuration(VALUES, fleet.host, fleet)["spec"]
    assert (spec["common"]["core"]["console"]["port"], spec["multicluster"]["hostClusterName"]) == (31010, "hall")
    asked = structs.replace(VALUES, console_port=31020, host_cluster_name="loft")
    spec = render_configuration(asked, fleet.host, fleet)["spec"]
    assert spec["common"]["core"]["console"] == {"port": 31020, "enableMultiLogin": False, "type": "NodePort"}
    assert spec["multicluster"] == {"clusterRole": "host", "hostClusterName": "loft"}
    old = structs.replace(asked, version="v3.1.1")
    assert render_configuration(old, fleet.host, fleet)["spec"]["console"]["port"] == 31020


@pytest.mark.parametrize(
    ("port", "spec", "taken"),
    [(0, RAN, True), (31020, RAN, False), (31010, {}, True), (0, {}, False)],
    ids=["former", "another", "asked for", "default"],
)
def test_the_port_that_will_be_used_is_looked_for(port: int, spec: dict[str, Any], taken: bool) -> None:
    fleet = known(spec, {"Service barn/web": {"spec": {"ports": [{"nodePort": 31010}]}}})
    assert bool(found(structs.replace(VALUES, console_port=port), fleet, "console-port")) is taken


def test_a_console_without_a_node_port_takes_none() -> None:
    fleet = known({}, {"Service barn/web": {"spec": {"ports": [{"nodePort": 30880}]}}})
    inside = {"common": {"core": {"console": {"type": "ClusterIP"}}}}
    assert found(VALUES, fleet, "console-port")
    assert not found(structs.replace(VALUES, spec=inside), fleet, "console-port")


@pytest.mark.parametrize("spec", [RAN, {"persistence": {"storageClass": ""}}])
def test_the_storage_class_that_will_be_used_is_looked_for(spec: dict[str, Any]) -> None:
    quick = {"StorageClass.v1.storage.k8s.io quick": {"provisioner": "disk.example.com"}}
    asked = structs.replace(VALUES, spec={"persistence": {"storageClass": "slow"}})
    assert bool(found(VALUES, known(spec, quick), "storage-class")) is (spec is not RAN)
    assert "no StorageClass slow" in found(asked, known(spec, quick), "storage-class")[0].title


def test_a_secret_below_spec_is_one() -> None:
    fleet = known({}, members=("loft",))
    assert found(VALUES, fleet, "jwt-secret")
    given = structs.replace(VALUES, spec={"authentication": {"jwtSecret": "s"}})
    assert not found(given, fleet, "jwt-secret")
    chart = Values("v4.1.3", Source("x"), spec={"authentication": {"issuer": {"jwtSecret": "s"}}})
    assert not found(chart, fleet, "jwt-secret")


def test_images_are_asked_for_where_the_configuration_has_them_pulled_from() -> None:
    needed = images.needed_images(structs.replace(VALUES, images=("redis:5",)), known(RAN), SourceContent())
    assert "mirror.example.com/offline/ks-console:v3.3.1" in needed
    assert "mirror.example.com/library/redis:5" in needed
    assert {image.partition("/")[0] for image in needed} == {"mirror.example.com"}
    asked = structs.replace(VALUES, registry="harbor.example.com/ks", spec={"namespace_override": ""})
    assert "harbor.example.com/ks/kubesphere/ks-console:v3.3.1" in images.needed_images(
        asked, known(RAN), SourceContent()
    )
    there = "harbor.example.com/ks/kubesphere/ks-console:v3.3.1"
    assert images.in_registry("harbor.example.com/ks", there) == there
    chart = Values("v4.1.3", Source("x"), spec={"global": {"imageRegistry": "mirror.example.com"}})
    assert "mirror.example.com/kubesphere/ks-console:v4.1.3" in images.needed_images(chart, facts([]), SourceContent())


def test_images_that_are_allowed_to_be_missing_are_not_told_as_there() -> None:
    answers = ExternalAnswers(SourceContent(), {"a/b/there:1": "", "a/b/gone:1": "no such tag"})
    missing = images.missing_images(answers, facts([]))
    console = Console(record=True, width=300)
    print_feasibility([], len(answers.images), missing, console)
    said = console.export_text()
    assert "1 image(s) can be had" in said
    assert "1 image(s) cannot be had, which the values file allows (allow: [images])" in said
    assert "a/b/gone:1" in said
