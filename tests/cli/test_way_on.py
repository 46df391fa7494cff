"""The commands of a message are completed with what was typed."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ks_reset import cli
from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.cli import plan as plan_command
from ks_reset.cli.terminal import Terminal
from ks_reset.cli.way_on import Call, complete_commands, complete_error, current_call
from ks_reset.errors import Refused, Stale, UnknownName
from tests.commands import TAKES, commands_in, takes_all_flags
from tests.incident import incident_facts

CONNECTION = (("--context", ("prod",)), ("--member", ("eu=eu-admin", "us=us-admin")))


def completed(text: str, command: str = "plan", playbook: str = "uninstall", *more: tuple[str, tuple[str, ...]]) -> str:
    made = complete_commands(text, Call(command, playbook, (*CONNECTION, *more), TAKES))
    assert all(takes_all_flags(words) for words in commands_in(made) if words[0] == "ks-reset")
    return made


def test_another_playbook_gets_the_clusters_and_the_same_playbook_all_that_was_given() -> None:
    more = (("--later", ("us",)), ("--discard", ("ConfigMap/a/b",)), ("--uninstall-only", ()))
    clusters = "--context prod --member eu=eu-admin --member us=us-admin"
    assert completed("ks-reset plan defuse --out plan.json.", "plan", "uninstall", *more) == (
        f"ks-reset plan defuse {clusters} --later us --out plan.json."
    )
    assert completed("ks-reset plan uninstall --discard Secret/a/c --out plan.json.", "plan", "uninstall", *more) == (
        f"ks-reset plan uninstall {clusters} --later us --discard ConfigMap/a/b --uninstall-only --discard Secret/a/c "
        "--out plan.json."
    )


def test_what_the_command_says_itself_is_not_said_twice() -> None:
    text = "ks-reset plan detach-member --context prod --member eu=CONTEXT --members eu --out plan.json."
    assert completed(text).count("eu=") == 1
    assert completed(text).count("--context") == 1
    assert "--member us=us-admin" in completed(text)


def test_a_command_for_another_host_gets_none_of_the_members() -> None:
    text = "ks-reset plan plan.later-eu.json --context ITS-CONTEXT --out now.json"
    assert completed(text) == text


def test_prose_that_follows_a_command_stays_where_it_is() -> None:
    assert completed("ks-reset doctor shows what is wrong") == (
        "ks-reset doctor --context prod --member eu=eu-admin --member us=us-admin shows what is wrong"
    )
    prose = "ks-reset never deletes objects, and kubectl is another program"
    assert complete_commands(prose, Call("plan", "uninstall", CONNECTION, TAKES)) == prose
    assert completed("ks-reset apply plan.json").startswith("ks-reset apply plan.json --context prod")


def test_the_playbook_of_the_call_stands_for_itself() -> None:
    assert "plan rebind --context" in completed("ks-reset plan PLAYBOOK --later eu --out plan.json", "plan", "rebind")
    assert "plan uninstall --context" in completed("ks-reset plan PLAYBOOK --later eu --out plan.json", "doctor", "")


def test_kubectl_gets_the_kubeconfig_and_the_account() -> None:
    given = (("--kubeconfig", ("/my files/config",)), ("--as", ("root",)), *CONNECTION)
    text = complete_commands("kubectl --context eu-admin get pods; kubectl edit x", Call("doctor", "", given, TAKES))
    assert text == (
        "kubectl --kubeconfig '/my files/config' --as root --context eu-admin get pods; "
        "kubectl --kubeconfig '/my files/config' --as root edit x"
    )


def test_a_command_that_gives_rights_is_an_administrators_and_not_of_the_account_that_lacks_them() -> None:
    call = Call("doctor", given=(("--kubeconfig", ("c",)), ("--as", ("clerk",)), ("--as-group", ("desk",))))
    said = "an administrator: kubectl --context host create clusterrole look --verb=list --resource=pods."
    assert complete_commands(said, call) == said.replace("kubectl", "kubectl --kubeconfig c")


def test_helm_gets_the_same_by_its_own_names() -> None:
    given = (("--kubeconfig", ("/my files/config",)), ("--as", ("root",)), *CONNECTION)
    text = complete_commands("Go back: helm --kube-context prod -n a rollback b 1.", Call("doctor", "", given, TAKES))
    assert text == (
        "Go back: helm --kubeconfig '/my files/config' --kube-as-user root --kube-context prod -n a rollback b 1."
    )


def test_a_refused_plan_says_the_command_with_the_flags_that_were_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: Any) -> None:
        raise Refused("Cut the ties first: ks-reset plan defuse --out plan.json.")

    monkeypatch.setattr(plan_command.reading, "load_snapshot", lambda _: None)
    monkeypatch.setattr(plan_command, "request", refuse)
    monkeypatch.setenv("KS_RESET_CONTEXT", "prod")
    flags = ["plan", "uninstall", "--later", "us", "--snapshot", str(tmp_path / "a b.json"), "--out", "mine.json"]
    result = CliRunner().invoke(app, flags)
    assert isinstance(result.exception, Refused)
    assert str(result.exception) == (
        f"Cut the ties first: ks-reset plan defuse --snapshot '{tmp_path}/a b.json' --later us --context prod "
        "--out plan.json."
    )
    assert current_call().playbook == "uninstall"


def test_an_error_without_words_stays_so() -> None:
    error = Refused()
    complete_error(error)
    assert error.args == ()


def test_the_same_command_is_written_out() -> None:
    call = Call("apply", line="ks-reset apply 'my plan.json' --context prod --yes")
    said = complete_commands("The run stopped; run the same command again to continue.", call)
    assert said.endswith(" The same command: ks-reset apply 'my plan.json' --context prod --yes")


def test_the_line_of_a_call_has_its_names_flags_and_switches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KS_RESET_CONTEXT", "prod")
    plan = str(tmp_path / "my plan.json")
    CliRunner().invoke(app, ["apply", plan, "--yes", "--kubeconfig", str(tmp_path / "none")])
    assert current_call().line == f"ks-reset apply '{plan}' --yes --kubeconfig {tmp_path}/none --context prod"
    CliRunner().invoke(app, ["verify", "--installed", "--kubeconfig", str(tmp_path / "none")])
    assert current_call().line == f"ks-reset verify --installed --kubeconfig {tmp_path}/none --context prod"


def test_the_line_of_a_call_names_the_context_that_was_the_current_one() -> None:
    call = Call("apply", line="ks-reset apply plan.json --yes").with_context("the prod")
    assert call.line == "ks-reset apply plan.json --yes --context 'the prod'"
    assert call.with_context("the prod").line == call.line
    assert Call().with_context("prod").line == ""


@pytest.mark.parametrize(
    ("words", "corrected"),
    [
        (["plan", "uninstal", "--members", "none"], "ks-reset plan uninstall --members none"),
        (["plan", "stale-recrod"], "ks-reset plan stale-record"),
        (["runbook", "defuze"], "ks-reset runbook defuse"),
    ],
)
def test_a_mistyped_playbook_is_answered_with_the_whole_call(words: list[str], corrected: str) -> None:
    refused = CliRunner().invoke(app, words).exception
    assert isinstance(refused, UnknownName)
    assert str(refused).endswith(f"Did you mean {corrected.split()[2]}? {corrected}")
    assert "Did you mean" not in str(CliRunner().invoke(app, [words[0], "zzz"]).exception)


def test_the_hints_under_a_plan_have_the_clusters_of_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_CONTEXT", "prod")
    monkeypatch.setenv("KS_RESET_MEMBER", "eu=eu-admin")
    reading.save_snapshot(incident_facts(), tmp_path / "s.json.gz")
    shown = CliRunner().invoke(app, ["plan", "--snapshot", str(tmp_path / "s.json.gz"), "--later", "test"])
    found = [
        words for words in commands_in(shown.stdout) if words[:2] in (["ks-reset", "plan"], ["ks-reset", "backup"])
    ]
    assert len(found) == 2, shown.output
    for words in found:
        assert words[words.index("--context") + 1] == "prod"
        assert words[words.index("--member") + 1] == "eu=eu-admin"
        assert takes_all_flags(words)


def test_a_run_keeps_the_call_that_began_it() -> None:
    CliRunner().invoke(app, ["apply", "/nonexistent/plan.json", "--yes", "--context", "prod"])
    with Terminal().progress() as progress:
        assert progress.call == "ks-reset apply /nonexistent/plan.json --yes --context prod" == current_call().line


def test_a_saved_plan_and_a_damaged_one_are_answered_with_a_whole_command(tmp_path: Path) -> None:
    reading.save_snapshot(incident_facts(), tmp_path / "s.json.gz")
    plan = tmp_path / "my plan.json"
    flags = ["--snapshot", str(tmp_path / "s.json.gz"), "--later", "test"]
    made = CliRunner().invoke(app, ["plan", "uninstall", *flags, "--out", str(plan)])
    clusters = ["--context", "host", "--member", "test=test"]
    apply = ["ks-reset", "apply", str(plan), *clusters]
    assert apply in commands_in(made.stderr), made.stderr
    plan.write_text(plan.read_text().replace('"why": "', '"why": "not ', 1))
    refused = CliRunner().invoke(app, apply[1:]).exception
    assert isinstance(refused, Stale)
    again = ["ks-reset", "plan", "uninstall", "--later", "test", *clusters, "--out", str(plan)]
    later = ["ks-reset", "plan", str(tmp_path / "my plan.later-test.json"), "--context", "ITS-CONTEXT"]
    assert [*later, "--out", "now.json"] in [words[:7] for words in commands_in(made.stderr)], made.stderr
    assert again in commands_in(str(refused)), refused
    assert takes_all_flags(again)


def test_a_plan_of_a_snapshot_is_applied_with_the_contexts_in_it(tmp_path: Path) -> None:
    reading.save_snapshot(incident_facts(), tmp_path / "s.json.gz")
    files = ["--snapshot", str(tmp_path / "s.json.gz"), "--out", str(tmp_path / "p.json")]
    made = CliRunner().invoke(app, ["plan", *files])
    words = ["ks-reset", "apply", str(tmp_path / "p.json"), "--context", "host", "--member", "test=test"]
    assert words in commands_in(made.stderr), made.stderr


def test_an_interrupted_call_is_typed_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert CliRunner().invoke(app, ["catalogue", "3.4.1"]).exit_code == 0

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run_and_flush", interrupted)
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as end:
        cli.main()
    (words,) = commands_in(capsys.readouterr().err)
    assert (end.value.code, words) == (130, ["ks-reset", "catalogue", "3.4.1"])
    assert CliRunner().invoke(app, words[1:]).exit_code == 0
