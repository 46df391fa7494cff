"""The way on from a federated object without its target: its manifest is kept, and the flag goes on without it."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from ks_reset.cli.selection import Selection
from ks_reset.errors import Refused
from ks_reset.model import Delete, FleetFacts, Options
from ks_reset.plan.playbook import load_playbook
from ks_reset.workflows.plan import checked_plan
from tests.build import facts
from tests.shorthand import expand_dial, expand_object

TEMPLATE = {"data": {"tea": "3"}, "metadata": {"labels": {"app": "shop"}}}
FEDERATED = {"FederatedConfigMap shop/prices -> everywhere": {"finalizers": ["kubefed.io/sync-controller"]}}


@pytest.fixture(autouse=True)
def state(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))


def world(**more: Any) -> FleetFacts:
    source = expand_object({k: {**v, **more} for k, v in FEDERATED.items()})
    source["spec"]["template"] = TEMPLATE
    rows = [
        "Namespace kube-system",
        "Namespace shop",
        "KubeFedCluster host -> host",
        "FederatedTypeConfig configmaps -> ConfigMap",
        "FederatedNamespace shop/shop -> everywhere",
        "ConfigMap shop/other",
    ]
    return facts([*map(expand_object, rows), source], dials=[expand_dial("host -> host")])


def refusal(known: FleetFacts) -> str:
    with pytest.raises(Refused) as refused:
        checked_plan(load_playbook("uninstall"), known, Options())
    return str(refused.value)


@pytest.mark.parametrize(
    "more", [{}, {"deleted": True}, {"status": {"clusters": [{"name": "host", "status": "CreationFailed"}]}}]
)
def test_the_flag_of_the_cure_lets_the_uninstall_go_on(more: dict[str, Any]) -> None:
    said = refusal(world(**more))
    flags = re.findall(r"--discard (\S+)", said)
    options = Selection(discard=flags).as_options()
    plan = checked_plan(load_playbook("uninstall"), world(**more), options)
    assert plan.request.discard == ("FederatedConfigMap.types.kubefed.io/shop/prices",)
    assert [a.name for a in plan.actions if isinstance(a, Delete) and a.kind.kind == "FederatedConfigMap"] == ["prices"]


def test_what_is_in_deletion_or_failed_is_not_waited_for() -> None:
    assert "the federated object is in deletion" in refusal(world(deleted=True))
    failed = refusal(world(status={"clusters": [{"name": "host", "status": "CreationFailed"}]}))
    assert "kubefed says CreationFailed" in failed
    assert "wait until" not in failed


@pytest.mark.skipif(shutil.which("jq") is None, reason="the command uses jq")
def test_the_command_of_the_cure_writes_the_manifest_of_the_target() -> None:
    filter_, file = re.findall(r"jq '([^']*)' > (\S+)\)", refusal(world()))[0]
    given = json.dumps({"spec": {"template": TEMPLATE}})
    made = subprocess.run(["jq", filter_], input=given, capture_output=True, text=True, check=True).stdout
    assert file == "configmap-shop-prices.json"
    assert json.loads(made) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"labels": {"app": "shop"}, "name": "prices", "namespace": "shop"},
        "data": {"tea": "3"},
    }
