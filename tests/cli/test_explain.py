"""The command `explain`: names of objects, exit codes, and errors for unknown names."""

import json
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset.cli import app
from ks_reset.errors import Unknown, Usage
from ks_reset.model import FleetFacts
from tests.build import facts
from tests.commands import commands_in, takes_all_flags
from tests.simulation.test_explain import explain_titled, incident, row


def run(known: FleetFacts, line: str, **environment: str) -> Any:
    """The result of the command on these facts, or its error."""
    with TemporaryDirectory() as folder:
        reading.save_snapshot(known, Path(folder) / "s")
        words = ["explain", *shlex.split(line), "--snapshot", f"{folder}/s"]
        done = CliRunner().invoke(app, words, env={"COLUMNS": "200"} | environment)
    return done if isinstance(done.exception, SystemExit | None) else done.exception


def test_a_kind_is_taken_as_kubectl_takes_it() -> None:
    for kind in ("ns", "namespace", "NAMESPACES", "FederatedNamespace", "federatednamespaces.types.kubefed.io"):
        assert run(incident(0), f"{kind}/catalog").exit_code == 0, kind


def test_exit_code_and_format_follow_the_options_and_their_twins() -> None:
    twins = {"KS_RESET_IF": "nothing; kubefed restarts", "KS_RESET_OUTPUT": "json", "KS_RESET_CLUSTER": "test"}
    done = run(incident(0), "ns/catalog", **twins)
    assert (done.exit_code, json.loads(done.output)["events"]) == (3, ["nothing", "kubefed restarts"])
    for output in ("text", "dot", "svg"):
        done = run(incident(0), f"pvc/data -n shop --if deleted -o {output}")
        assert (done.exit_code, "PersistentVolumeClaim" in done.output) == (3, True)


WORDS = {
    "catalog": "is not KIND/NAME",
    "ns/": "is not KIND/NAME",
    "clustr/host": 'no cluster here serves a type "clustr"; did you mean clusters',
    "ns/catalogue": 'namespace "catalogue" not found in clusters host, test; did you mean catalog on host, or catalog',
    "pvc/data -n catalog": "not found in namespace catalog in clusters host, test; did you mean data in namespace shop",
    "ns/zzz": 'namespace "zzz" not found in clusters host, test. All of them: kubectl --context host get namespaces.',
    "ns/shop --cluster nope": "There are: host, test.",
    "ns/shop --if rain": "is not an event",
    "ns/shop --if deleted --if rain": "is not an event",
    "ns/shop --if 'added to workspace typo'": "no Workspace typo",
    "pvc/data --if 'added to workspace ws1'": "is not a Namespace",
}


def test_unknown_names_are_usage_errors_with_similar_names() -> None:
    for line, said in WORDS.items():
        error = run(incident(0), line)
        assert (type(error), said in str(error)) == (Usage, True), line


def test_an_ambiguous_kind_needs_its_group_unless_one_is_of_the_core() -> None:
    rows = [row("Thing", "x", f"{group}/v1") for group in ("a.example", "b.example")]
    rows += [row("Service", "x", "v1", namespace="n"), row("Service", "x", "serving.example/v1", namespace="n")]
    assert "Say one of: things.a.example, things.b.example. Type: ks-reset explain things.a.example/x " in str(
        run(facts(rows), "thing/x")
    )
    assert run(facts(rows), "Thing.b.example/x").exit_code == 0
    assert "Service n/x on" in run(facts(rows), "service/x").output
    known = facts([], {name: [row("Namespace", "a")] for name in ("m1", "m2")})
    assert "no namespace on m1, no namespace on m2" in str(run(known, "ns/a"))
    assert run(known, "ns/a --cluster m2").exit_code == 0
    two = facts([row("Secret", "x", namespace=name) for name in ("n1", "n2")])
    assert "Say which with -n" in str(run(two, "secret/x"))


def test_an_unread_object_is_unknown_and_not_absent() -> None:
    gaps = [{"what": "list of namespaces", "why": "403"}, {"what": "API group odd.example/v1", "why": "503"}]
    assert run(facts([row("Namespace", "a")], gaps=gaps[1:]), "ns/a").exit_code == 5
    known = facts([row("Namespace", "a")], gaps=gaps)
    said = [type(run(known, line)) for line in ("ns/b", "odds.odd.example/b", "odds.other.example/b")]
    assert said == [Unknown, Unknown, Usage]


def test_a_record_that_was_not_dialled_is_unknown_where_kubefed_matters() -> None:
    rows = [row("Namespace", "catalog", labels={"kubefed.io/managed": "true"}), row("Namespace", "shop")]
    known = facts(rows, dials=[{"record": "host", "reach": "not dialled"}])
    assert explain_titled(known, "Namespace catalog").unknown == ("host: what the record host reaches: not dialled",)
    assert explain_titled(known, "Namespace shop").unknown == ()


def test_the_commands_of_an_explanation_have_the_flags_of_the_call(tmp_path: Path) -> None:
    reading.save_snapshot(incident(0), tmp_path / "s")
    line = ["explain", "ns/shop", "--if", "added to workspace ws1", "--if", "kubefed restarts", "-o", "json"]
    typed = ["--kubeconfig", "/my files/config", "--context", "prod", "--as", "root"]
    done = CliRunner().invoke(app, [*line, *typed, "--snapshot", str(tmp_path / "s")])
    explained = json.loads(done.output)
    commands = [words for cure in explained["cure"] for words in commands_in(cure)]
    assert {words[0] for words in commands} >= {"ks-reset"}, explained["cure"]
    for words in commands:
        assert all(flag in words for flag in ("--kubeconfig", "--as")), words
        assert words[0] == "kubectl" or takes_all_flags(words), words
