"""plan with types whose deletion has unknown effects: both ways on that the finding names can be typed."""

import json
from pathlib import Path
from typing import Any

import pytest

from ks_reset import facts as reading
from tests.build import facts
from tests.cli.test_usage import run
from tests.commands import commands_in
from tests.shorthand import expand_case

UNKNOWN = [
    "Workspace ws1",
    "CustomResourceDefinition widgets.odd.kubesphere.io -> Widget",
    "Widget.v1.odd.kubesphere.io shop/one",
]


def save(rows: list[Any], folder: Path) -> str:
    path = folder / "s.json.gz"
    reading.save_snapshot(facts(expand_case({"host": rows})["host"]), path)
    return str(path)


def typed(words: list[str], snapshot: str, folder: Path) -> dict[str, Any]:
    """The plan of a command that a message names, made from the snapshot and saved in this folder."""
    file = folder / words[words.index("--out") + 1]
    assert words[words.index("--snapshot") + 1] == snapshot
    done = run(*words[1:-2], "--out", str(file), COLUMNS="400")
    assert done.returncode == 0, done.stderr
    plan: dict[str, Any] = json.loads(file.read_text())
    return plan | {"shown": done.stdout}


def test_both_ways_on_can_be_typed(tmp_path: Path) -> None:
    name, snapshot = "widgets.odd.kubesphere.io", save(UNKNOWN, tmp_path)
    refused = run("plan", "--snapshot", snapshot, "--gone-host", "eu-old", COLUMNS="400")
    assert refused.returncode == 4, refused.stderr
    given = f"ks-reset plan uninstall --snapshot {snapshot} --gone-host eu-old"
    keep, discard = (f"{given} {flag} {name} --out uninstall.json".split() for flag in ("--keep-type", "--discard"))
    commands = commands_in(refused.stderr)
    assert keep in commands
    assert discard in commands
    assert ["kubectl", "--context", "host", "get", name, "-A", "-o", "yaml", ">", "host-types.yaml"] in commands
    kept, gone = (typed(words, snapshot, tmp_path) for words in (keep, discard))
    deleted = [action["name"] for action in gone["actions"] if action["verb"] == "delete"]
    assert deleted == ["ws1", "one", name]
    assert [action["name"] for action in kept["actions"] if action["verb"] == "delete"] == ["ws1"]
    assert kept["request"]["kept_types"] == [name]
    assert (
        f"CustomResourceDefinition.apiextensions.k8s.io {name}: it stays with its 1 object(s) (--keep-type)"
        in (kept["shown"])
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--keep-type", "widgets.example.com"), "is no type in KubeSphere's API groups"),
        (("--discard", "widgets.example.com"), "is no type in KubeSphere's API groups"),
        (("--keep-type", "workspaces.tenant.kubesphere.io"), "is KubeSphere's own type (core)"),
        (
            ("--keep-type", "a.odd.kubesphere.io", "--discard", "a.odd.kubesphere.io"),
            "cannot stay (--keep-type) and go (--discard)",
        ),
        (
            ("--keep-operator", "fluentbit-operator", "--discard", "parsers.logging.kubesphere.io"),
            "its operator is to stay (--keep-operator)",
        ),
    ],
)
def test_types_that_cannot_be_chosen_are_usage_errors(flags: tuple[str, ...], said: str) -> None:
    done = run("plan", *flags, COLUMNS="400")
    assert (done.returncode, said in done.stderr.replace("\n", " ")) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("flag", "name", "said"),
    [
        ("--keep-operator", "fluentbit-operator", "no workload of it is in kubesphere-logging-system on host"),
        ("--keep-type", "a.odd.kubesphere.io", "no CustomResourceDefinition of this name is on host"),
    ],
)
def test_a_name_on_no_cluster_of_the_request_is_a_usage_error(flag: str, name: str, said: str, tmp_path: Path) -> None:
    snapshot = save(["Workspace ws1"], tmp_path)
    done = run("plan", "--snapshot", snapshot, flag, name, "--gone-host", "eu-old", COLUMNS="400")
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    given = f"ks-reset plan uninstall --snapshot {snapshot} --gone-host eu-old"
    again = f"{given} --out uninstall.json".split()
    assert [words for words in commands_in(done.stderr) if words[1] == "plan"] == [again]
    typed(again, snapshot, tmp_path)
