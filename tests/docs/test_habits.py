"""The hooks before a commit are the commands of `make lint`; the templates and the dev container can be read."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.docs.pages import ROOT

HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


def recipe_of(target: str) -> list[str]:
    """The commands of a target in the Makefile, with .venv/bin in place of $(BIN)."""
    (lines,) = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)
    return [line.strip().replace("$(BIN)", ".venv/bin") for line in lines.splitlines()]


def test_the_hooks_are_the_commands_of_make_lint() -> None:
    assert [hook["entry"] for hook in HOOKS] == recipe_of("lint")


@pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])
def test_a_hook_checks_the_whole_project(hook: dict[str, Any]) -> None:
    assert (hook["language"], hook["pass_filenames"]) == ("system", False)


@pytest.mark.parametrize("path", FORMS, ids=[path.stem for path in FORMS])
def test_an_issue_form_has_the_fields_github_asks_for(path: Any) -> None:
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= form.keys()
    assert all(field["type"] == "markdown" or {"id", "attributes"} <= field.keys() for field in form["body"])


def test_the_dev_container_runs_a_target_of_the_makefile() -> None:
    command = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())["postCreateCommand"].split()
    assert command[0] == "make"
    assert re.search(rf"^{command[1]}:", (ROOT / "Makefile").read_text(), re.M)
