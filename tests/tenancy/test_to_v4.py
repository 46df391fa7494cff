"""A 3.x memory converted for 4.1: the golden file has all of it, the tests check the rules."""

from typing import Any

import pytest
import yaml
from msgspec import structs, to_builtins

from ks_reset.model import BeforeImage, Body, FleetFacts, Kind, Memory, Options
from ks_reset.plan import playbook as playbooks
from ks_reset.tenancy.memory import build_memory
from ks_reset.tenancy.to_v4 import convert_memory
from ks_reset.workflows.inputs import Inputs
from ks_reset.workflows.plan import request
from tests.build import Rows, facts
from tests.cases import FOLDER, FleetCase, load_case
from tests.golden_files import same
from tests.recorder import Recorder

TEMPLATE = Kind("tenant.kubesphere.io", "v1alpha2", "WorkspaceTemplate", "workspacetemplates", False)
HUB = {"apiVersion": "cluster.kubesphere.io/v1alpha1", "kind": "Cluster"}
FOUR: Rows = [{"apiVersion": "tenant.kubesphere.io/v1beta1", "kind": "Workspace"}]


def fleet(name: str) -> FleetFacts:
    return load_case(FOLDER / "to_v4" / name, FleetCase).facts


def test_the_memory_of_3_3_1_as_4_1_takes_it_and_what_is_left_behind() -> None:
    found = convert_memory(build_memory(fleet("three.yaml")), fleet("four.yaml"))
    objects = [{"at": p.cluster, "apiVersion": p.kind.api_version, "kind": p.kind.kind} | p.body for p in found.objects]
    told = {"left": [f"{k.cluster}: {k.object} {k.why}" for k in found.left], "objects": objects}
    same("to_v4.yaml", yaml.safe_dump(to_builtins(told), sort_keys=False, width=160))


def test_memberships_do_not_change() -> None:
    was = build_memory(fleet("three.yaml"))
    assert convert_memory(was, fleet("four.yaml")).bonds == was.bonds
    assert len(was.bonds) == 4


def test_a_converted_memory_is_not_converted_again() -> None:
    once = convert_memory(build_memory(fleet("three.yaml")), fleet("four.yaml"))
    assert convert_memory(once, fleet("four.yaml")) == once


def test_a_memory_is_not_converted_for_3_x_and_if_it_is_of_4_1() -> None:
    was, now = build_memory(fleet("three.yaml")), build_memory(fleet("four.yaml"))
    assert convert_memory(was, fleet("three.yaml")) is was
    assert convert_memory(now, fleet("four.yaml")) is now


def test_a_memory_is_converted_after_the_hosts_types_are_read() -> None:
    inputs, rebind = Inputs(before=fleet("three.yaml")), playbooks.load_playbook("rebind")
    for served, version in (("three.yaml", "v1alpha2"), ("four.yaml", "v1beta1")):
        memory = request(inputs, rebind, Options(), fleet(served), Recorder()).material.memory or Memory("")
        assert {past.kind.version for past in memory.objects if past.kind.kind == "User"} == {version}


def test_sealed_objects_stay_sealed() -> None:
    was = build_memory(fleet("three.yaml"))
    sealed = structs.replace(was, objects=tuple(structs.replace(p, sealed=True) for p in was.objects))
    found = {past.kind.kind: past.sealed for past in convert_memory(sealed, fleet("four.yaml")).objects}
    assert (found["User"], found["WorkspaceTemplate"]) == (True, True)


def template(**placement: Any) -> Memory:
    body: Body = {"metadata": {"name": "ws1"}, "spec": {"template": {}, "placement": placement}}
    return Memory("", "uid-of-host", objects=(BeforeImage("uid-of-host", TEMPLATE, body),))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ({"clusterSelector": {}}, {"clusterSelector": {}}),
        ({"clusters": [], "clusterSelector": {}}, {"clusters": []}),
        (
            {"clusters": None, "clusterSelector": {"matchLabels": {"a": "b"}}},
            {"clusterSelector": {"matchLabels": {"a": "b"}}},
        ),
        ({"clusters": [{"name": "host"}, {"name": "us"}]}, {"clusters": [{"name": "hub"}, {"name": "us"}]}),
        ({}, {"clusters": []}),
    ],
)
def test_an_empty_list_of_clusters_keeps_its_meaning_nowhere(was: Body, becomes: Body) -> None:
    rows = [*FOUR, HUB | {"metadata": {"name": "hub", "labels": {"cluster-role.kubesphere.io/host": ""}}}]
    assert convert_memory(template(**was), facts(rows)).objects[0].body["spec"]["placement"] == becomes
