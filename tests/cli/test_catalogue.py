"""ks-reset catalogue: the versions, the components of one, their objects."""

import json

import pytest
import yaml
from typer.testing import CliRunner, Result

from ks_reset.catalogue.inventory import inventory_versions, load_inventory
from ks_reset.cli import app
from ks_reset.errors import Usage


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["catalogue", *arguments], env={"COLUMNS": "200"})


def test_without_a_version_it_lists_the_versions() -> None:
    assert run("-o", "name").stdout.split() == list(inventory_versions())
    assert "kubesphere/ks-installer@v3.3.1" in run().stdout
    assert [head["version"] for head in yaml.safe_load(run("-o", "yaml").stdout)] == list(inventory_versions())


def test_a_version_shows_components_with_counts_and_what_is_missing() -> None:
    text = run("v3.3.1").stdout
    count = sum(entry.component == "gatekeeper" for entry in load_inventory("3.3.1").entries)
    assert [line.split()[1] for line in text.splitlines() if line.startswith("gatekeeper ")] == [str(count)]
    assert "not in it: istio" in text


def test_a_component_shows_its_objects_with_what_proves_them() -> None:
    shown = run("3.3.1", "--component", "redis").stdout
    assert "Deployment.apps kubesphere-system/redis " in shown
    assert "PersistentVolumeClaim kubesphere-system/redis-pvc" in shown
    assert "nothing: its name alone" in shown


def test_json_has_the_objects_as_in_the_file() -> None:
    document = json.loads(run("3.3.1", "--component", "redis", "-o", "json").stdout)
    assert document["head"]["version"] == "3.3.1"
    assert {row["component"] for row in document["objects"]} == {"redis"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("9.9.9",), "There is no inventory of KubeSphere 9.9.9. There are: 3.0.0, "),
        (("3.3.1", "--component", "shop"), "KubeSphere 3.3.1 has no component shop. It has: alerting, "),
        (("--component", "core"), "--component needs a version"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(arguments: tuple[str, ...], said: str) -> None:
    error = run(*arguments).exception
    assert isinstance(error, Usage)
    assert said in str(error)
