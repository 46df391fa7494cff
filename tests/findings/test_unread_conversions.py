"""The way on from a list that a conversion webhook keeps unread: anybody's type, a Service or a URL, dead or not."""

from typing import Any

import pytest

from ks_reset.findings import check_rule
from ks_reset.findings.fleet import unreadable
from ks_reset.model import FleetFacts, Options
from tests.build import facts
from tests.findings.ways import carried_out
from tests.shorthand import expand_object

TENANTS, RECEIVERS = "tenants.capsule.clastix.io", "receivers.notification.kubesphere.io"
SERVICE = {"service": {"namespace": "capsule-system", "name": "capsule-webhook"}}
FAILED = "500 Internal Server Error: conversion webhook for capsule.clastix.io/v1beta2, Kind=Tenant failed: Post"
ANSWERS = {"Endpoints capsule-system/capsule-webhook": {"subsets": [{"addresses": [{"ip": "10.0.0.1"}]}]}}


def type_row(name: str, kind: str, client: dict[str, Any]) -> dict[str, Any]:
    conversion = {"strategy": "Webhook", "webhook": {"clientConfig": client}}
    names = {"kind": kind, "plural": name.partition(".")[0]}
    return {
        f"CustomResourceDefinition {name}": {
            "spec": {"group": name.partition(".")[2], "names": names, "conversion": conversion}
        }
    }


def world(crd: dict[str, Any], name: str, why: str, *more: Any) -> FleetFacts:
    rows = ["Endpoints", "Namespace kube-system", crd, *more]
    return facts([expand_object(row) for row in rows], gaps=[{"what": f"list of {name}", "why": why}])


def cure_of(known: FleetFacts) -> str:
    (finding,) = check_rule(unreadable.check, known, Options())
    return finding.cure


@pytest.mark.parametrize(
    ("name", "kind", "client", "more", "backend"),
    [
        (TENANTS, "Tenant", SERVICE, (), "capsule-system/capsule-webhook"),
        (TENANTS, "Tenant", SERVICE, (ANSWERS,), "capsule-system/capsule-webhook"),
        (TENANTS, "Tenant", {"url": "https://10.0.0.9/convert"}, (), "https://10.0.0.9/convert"),
        (RECEIVERS, "Receiver", {"url": "https://10.0.0.9/convert"}, (), "https://10.0.0.9/convert"),
    ],
)
def test_the_converter_is_named_and_the_type_can_be_read_as_it_is_stored(
    name: str, kind: str, client: dict[str, Any], more: tuple[Any, ...], backend: str
) -> None:
    known = world(type_row(name, kind, client), name, FAILED, *more)
    cure = cure_of(known)
    assert backend in cure
    patch = f"kubectl --context host patch crd {name} --type=merge -p"
    assert patch in cure
    crd = carried_out(known, cure[cure.index(patch) :]).host.get("CustomResourceDefinition.apiextensions.k8s.io", name)
    assert crd
    assert crd.spec["conversion"]["strategy"] == "None"


def test_a_list_that_fails_for_another_reason_names_no_converter() -> None:
    known = world(type_row(TENANTS, "Tenant", SERVICE), TENANTS, "403 Forbidden", ANSWERS)
    assert "patch crd" not in cure_of(known)


def test_repair_is_promised_only_after_what_stops_it() -> None:
    own = {"service": {"namespace": "kubesphere-monitoring-system", "name": "notification-manager-webhook"}}
    rows = [
        "Endpoints",
        "Namespace kube-system",
        type_row(RECEIVERS, "Receiver", own),
        type_row(TENANTS, "Tenant", SERVICE),
    ]
    gaps = [{"what": f"list of {name}", "why": FAILED} for name in (RECEIVERS, TENANTS)]
    both = cure_of(facts([expand_object(row) for row in rows], gaps=gaps))
    assert both.index("capsule-system/capsule-webhook") < both.index("ks-reset plan repair")
    assert "Once the others are read, ks-reset plan repair" in both
    alone = cure_of(facts([expand_object(row) for row in rows], gaps=gaps[:1]))
    assert "Once the others are read" not in alone
    assert "ks-reset plan repair" in alone
