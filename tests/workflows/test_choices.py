"""A flag that names nothing is a usage error with what is there; where something was not read, it cannot be told."""

from typing import Any

import pytest

from ks_reset.errors import Absent
from ks_reset.model import FleetFacts, Request
from ks_reset.workflows.choices import require_present, untold_names
from tests.build import asked, facts
from tests.shorthand import expand_case

ROWS = [
    "Namespace kubesphere-monitoring-system",
    "Deployment kubesphere-monitoring-system/prometheus-operator",
    "ConfigMap kubesphere-monitoring-system/notes",
    "CustomResourceDefinition widgets.odd.kubesphere.io -> Widget",
    "Cluster eu",
]
UNKNOWN: list[tuple[dict[str, Any], str, str]] = [
    ({"later": ["ue"]}, "--later ue: no member or record of this name is on host", "There are: eu."),
    (
        {"data": ["kubesphere-monitoring-systen"]},
        "--delete-data kubesphere-monitoring-systen: no namespace",
        "Did you mean: kubesphere-monitoring-system?",
    ),
    (
        {"discard": ["ConfigMap/kubesphere-monitoring-system/note"]},
        "no object of this name",
        "Did you mean: ConfigMap/kubesphere-monitoring-system/notes?",
    ),
    ({"discard": ["shop"]}, "--discard shop: no namespace", "There are: "),
    ({"discard": ["widget.odd.kubesphere.io"]}, "no CustomResourceDefinition", "widgets.odd.kubesphere.io"),
    ({"kept_types": ["a.odd.kubesphere.io"]}, "no CustomResourceDefinition", "widgets.odd.kubesphere.io"),
    (
        {"forgone_operators": ["fluentbit-operator"]},
        "--without-operator fluentbit-operator: no workload of it is in kubesphere-logging-system on host",
        "prometheus-operator",
    ),
]
HIDDEN = [
    ("list of namespaces", {"data": ["lake"]}),
    ("list of customresourcedefinitions.apiextensions.k8s.io", {"kept_types": ["a.odd.kubesphere.io"]}),
    ("list of configmaps", {"discard": ["ConfigMap/lake/a"]}),
    ("list of clusters.cluster.kubesphere.io", {"later": ["us"]}),
    ("list of deployments.apps", {"forgone_operators": ["fluentbit-operator"]}),
]


def world(**more: Any) -> FleetFacts:
    return facts(expand_case({"host": ROWS})["host"], **more)


def request(fields: dict[str, Any]) -> Request:
    return asked(**fields).request


@pytest.mark.parametrize(("fields", "said", "near"), UNKNOWN, ids=[said for _, said, _ in UNKNOWN])
def test_a_name_of_nothing_is_refused_with_what_is_there(fields: dict[str, Any], said: str, near: str) -> None:
    with pytest.raises(Absent) as error:
        require_present("uninstall", world(), request(fields), Request())
    assert said in str(error.value)
    assert near in str(error.value)
    assert "Without the flag: ks-reset plan uninstall --out uninstall.json" in str(error.value)


def test_names_of_what_is_there_are_taken() -> None:
    fields = {
        "later": ["eu", "named", "silent"],
        "data": ["kubesphere-monitoring-system"],
        "discard": ["kubesphere-monitoring-system", "ConfigMap/kubesphere-monitoring-system/notes"],
        "kept_types": ["widgets.odd.kubesphere.io"],
        "kept_operators": ["prometheus-operator"],
    }
    known = world(missing=[{"name": "silent", "context": "silent", "why": "no route"}])
    require_present("uninstall", known, request(fields), Request(), ["named"])
    assert untold_names(known, request(fields), Request(), ["named"]) == []


@pytest.mark.parametrize(("gap", "fields"), HIDDEN, ids=[gap for gap, _ in HIDDEN])
def test_where_the_list_was_not_read_it_cannot_be_told(gap: str, fields: dict[str, Any]) -> None:
    known = world(gaps=[{"what": gap, "why": "403"}])
    require_present("uninstall", known, request(fields), Request())
    (line,) = untold_names(known, request(fields), Request())
    assert f"cannot be told: {gap} of host was not read." in line


def test_a_member_that_is_left_or_silent_may_have_the_name() -> None:
    chosen = request({"later": ["eu"], "discard": ["Secret/lake/a"]})
    require_present("uninstall", world(), chosen, Request())
    assert "eu was not read" in untold_names(world(), chosen, Request())[0]


def test_what_was_asked_about_before_is_not_asked_again() -> None:
    chosen = request({"data": ["gone"], "later": ["gone"]})
    require_present("uninstall", world(), chosen, chosen)
    assert untold_names(world(), chosen, chosen) == []
