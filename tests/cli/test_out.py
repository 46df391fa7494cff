"""-o names a format and --out a file, in every command."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.errors import Usage
from tests.build import facts
from tests.cli.test_usage import WORKSPACE


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))
    path = tmp_path / "s 1.json.gz"
    reading.save_snapshot(facts([WORKSPACE]), path)
    return str(path)


def ran(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def leaves(command: Any, *path: str) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """Each command with its words and its flags."""
    inner = getattr(command, "commands", {})
    own = [] if inner else [(path, {name: p for p in command.params for name in p.opts})]
    return own + [leaf for name in inner for leaf in leaves(inner[name], *path, name)]


LEAVES = leaves(get_command(app))


@pytest.mark.parametrize(("words", "flags"), LEAVES, ids=[" ".join(words) for words, _ in LEAVES])
def test_every_command_with_a_format_has_a_file_and_o_is_never_the_file(
    words: tuple[str, ...], flags: dict[str, Any]
) -> None:
    assert ("-o" in flags) == ("--output" in flags)
    assert "-o" not in flags or "--out" in flags
    assert "-o" not in flags or flags["-o"] is flags["--output"] is not flags["--out"]


@pytest.mark.parametrize("given", [("-o", "x.json"), ("-ox.json",), ("-o=x.json",), ("--output", "x.json")])
def test_a_file_given_as_format_is_answered_with_the_whole_new_call(
    given: tuple[str, ...], snapshot: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Usage, match="Nothing was read or written") as refused:
        app(["plan", "uninstall", "--snapshot", snapshot, *given, "--members", "none"], standalone_mode=False)
    new = "ks-reset plan uninstall --snapshot 's 1.json.gz' --out x.json --members none".replace("'s", f"'{tmp_path}/s")
    assert str(refused.value).endswith(f": {new}")
    assert not Path("x.json").exists()
    done = ran(*shlex.split(new)[1:])
    assert (done.exit_code, json.loads(Path("x.json").read_text())["playbook"]) == (0, "uninstall"), done.output


def test_a_command_without_formats_answers_so_too(tmp_path: Path) -> None:
    refused = ran("vault", "-r", "age1x", "-o", f"{tmp_path}/v").exception
    assert isinstance(refused, Usage)
    assert str(refused).endswith(f"ks-reset vault -r age1x --out {tmp_path}/v")


def test_a_word_that_is_no_file_is_refused_as_a_format(snapshot: str) -> None:
    done = ran("plan", "--snapshot", snapshot, "-o", "jsn")
    assert (done.exit_code, "not one of" in done.output) == (2, True)


def test_the_plan_in_the_file_is_json_whatever_is_printed(snapshot: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    done = ran("plan", "--snapshot", snapshot, "-o", "yaml", "--out", str(file))
    assert yaml.safe_load(done.stdout)["digest"] == json.loads(file.read_text())["digest"]


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        (("doctor",), "host "),
        (("explain", "workspace/ws1", "-o", "svg"), "<?xml"),
        (("memory", "-o", "json"), "{"),
    ],
)
def test_what_is_printed_goes_to_the_file(words: tuple[str, ...], begins: str, snapshot: str, tmp_path: Path) -> None:
    file = tmp_path / "result"
    printed = ran(*words, "--snapshot", snapshot)
    done = ran(*words, "--snapshot", snapshot, "--out", str(file))
    assert (done.exit_code, done.stdout, f"Wrote {file}." in done.stderr) == (printed.exit_code, "", True)
    assert file.read_text() == printed.stdout
    assert file.read_text().startswith(begins)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_a_usage_error(snapshot: str) -> None:
    refused = ran("memory", "--snapshot", snapshot, "--out", "/nonexistent/x").exception
    assert isinstance(refused, Usage)
    assert "/nonexistent/x cannot be written: No such file" in str(refused)


def test_after_an_error_there_is_no_file(tmp_path: Path) -> None:
    file = tmp_path / "result"
    assert isinstance(ran("doctor", "--snapshot", "/nonexistent", "--out", str(file)).exception, Usage)
    assert not file.exists()


def test_a_command_that_makes_the_same_plan_again_keeps_the_file_of_the_call() -> None:
    call = Call("plan", "uninstall", (), {"plan": frozenset({"--out"})}, "", "mine.json")
    text = "ks-reset plan uninstall --keep-type a.b --out plan.json, or ks-reset plan repair --out plan.json."
    told = complete_commands(text, call)
    assert "ks-reset plan uninstall --keep-type a.b --out mine.json," in told
    assert "ks-reset plan repair --out plan.json." in told
