"""Refusals that named a flag alone: the command in the message is typed as it stands, and gets further."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ks_reset import facts as reading
from ks_reset.apply.remaining import remaining_actions
from ks_reset.cli import app
from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.errors import Stale, Usage
from ks_reset.journal import Journal
from ks_reset.model import Delete, FleetFacts, Options, Plan, Request
from ks_reset.plan.again import FLAGS, command_again, request_flags
from ks_reset.plan.playbook import load_playbook
from ks_reset.workflows.plan import checked_plan
from tests import weave
from tests.apply.test_taken_over import SERVICE
from tests.build import asked, facts
from tests.commands import TAKES, commands_in
from tests.shorthand import expand_case

OUTSIDE = (
    {"ClusterRole weave-scope": {"rules": []}},
    {"ClusterRoleBinding weave-scope": {"roleRef": {"kind": "ClusterRole", "name": "weave-scope"}}},
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def fleet(*rows: Any, members: dict[str, Any] | None = None) -> FleetFacts:
    known = expand_case({"host": list(rows), "members": members or {}})
    return facts(known["host"], known["members"])


def typed(words: Sequence[str], known: FleetFacts) -> Result:
    """The command, on a snapshot instead of clusters."""
    reading.save_snapshot(known, Path("now.json"))
    return CliRunner().invoke(app, [*words[1:], "--snapshot", "now.json"], env={"COLUMNS": "4000"})


def only_command(message: str, has: str = "plan") -> list[str]:
    return next(words for words in commands_in(message) if words[:2] == ["ks-reset", "plan"] and has in words)


def test_a_component_that_was_taken_over_stops_the_run_and_the_new_plan_tells_what_is_left_of_it_outside() -> None:
    kept = Request(gone=("lost-host",), accepted=("shop",))
    rows, service = (weave.NAMESPACE, *OUTSIDE), SERVICE
    before = fleet(*rows, weave.PROGRAM, service, "ConfigMap weave/mine")
    approved = checked_plan(load_playbook("uninstall"), before, Options(kept))
    with Journal.of_plan(approved) as journal:
        journal.start_run(approved)
    now = fleet(*rows, service, "Deployment weave/of-a-user")
    with pytest.raises(Stale, match=r"somebody else has deleted or replaced the program") as stopped:
        remaining_actions(approved, checked_plan(load_playbook("uninstall"), now, Options(kept)), now)
    words = only_command(str(stopped.value))
    assert words == shell("--gone-host lost-host --accept-loss shop --out plan.json")
    said = typed(words, now)
    assert said.exit_code == 0, said.output
    assert "ClusterRole.rbac.authorization.k8s.io weave-scope: it has a name of a component" in said.output
    assert "kubectl --context host delete clusterroles.rbac.authorization.k8s.io weave-scope" in said.output


def shell(flags: str) -> list[str]:
    return ["ks-reset", "plan", "uninstall", *flags.split()]


def test_a_binding_of_unknown_origin_goes_with_the_command_that_the_plan_names() -> None:
    account = {"kind": "ServiceAccount", "namespace": "kubesphere-system", "name": "robot"}
    binding = {"roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": [account]}
    known = fleet("Namespace kubesphere-system", {"ClusterRoleBinding robot": binding})
    first = typed(["ks-reset", "plan", "uninstall", "--members", "all"], known)
    assert "--discard" in first.output, first.output
    words = only_command(first.output, "--discard")
    assert words[-2:] == ["--out", "plan.json"]
    assert "--members" in words, "the flags of the call are in it"
    snapshot = words.index("--snapshot")
    again = typed([*words[:snapshot], *words[snapshot + 2 :]], known)
    assert again.exit_code == 0, again.output
    plan = next(p for p in [load(Path("plan.json"))] if p)
    assert [a.name for a in plan.actions if isinstance(a, Delete) and a.kind.kind == "ClusterRoleBinding"] == ["robot"]


def load(path: Path) -> Plan:
    from ks_reset.plan.file import load_plan

    return load_plan(path)


def test_a_host_alone_is_told_the_command_from_its_own_host_and_the_one_that_removes_kubesphere() -> None:
    own = {"Cluster host": {"labels": {"cluster-role.kubesphere.io/host": ""}}}
    for name in ("adopt-member", "detach-member"):
        known = fleet(own)
        with pytest.raises(Usage, match="host is a host itself, without a member to work on") as refused:
            checked_plan(load_playbook(name), known, Options())
        whole = complete_commands(str(refused.value), Call("plan", name, (("--context", ("host",)),), TAKES))
        words = only_command(whole, name)
        assert words[2:] == [
            name,
            "--context",
            "CONTEXT",
            "--member",
            "host=host",
            "--members",
            "host",
            "--out",
            "plan.json",
        ]
        assert typed(only_command(whole, "uninstall"), known).exit_code == 0


def test_with_members_the_command_chooses_one() -> None:
    known = fleet("Cluster east", members={"east": ["Namespace kube-federation-system"]})
    with pytest.raises(Usage, match="needs to know which") as refused:
        checked_plan(load_playbook("detach-member"), known, Options())
    assert only_command(str(refused.value)) == [
        "ks-reset",
        "plan",
        "detach-member",
        "--members",
        "east",
        "--out",
        "plan.json",
    ]
    assert typed(only_command(str(refused.value)), known).exit_code == 0


def test_a_record_without_a_context_is_named_with_its_own() -> None:
    known = fleet({"Cluster host": {"labels": {"cluster-role.kubesphere.io/host": ""}}}, "Cluster east")
    with pytest.raises(Usage, match="with a context that reaches it") as refused:
        checked_plan(load_playbook("detach-member"), known, Options())
    words = only_command(str(refused.value))
    assert words[3:] == ["--member", "east=CONTEXT", "--members", "east", "--out", "plan.json"]


def test_every_choice_of_a_plan_is_a_flag_of_the_command_that_makes_it_again() -> None:
    assert FLAGS.keys() == {name for name in Request.__struct_fields__ if name != "watch"}
    assert set(FLAGS.values()) <= TAKES["plan"]
    assert request_flags(Request()) == []
    request = Request(members=("eu",), gone=("a-b", "c-d"), discard=("ConfigMap/a/b c",))
    plan = checked_plan(load_playbook("uninstall"), fleet(), asked())
    again = command_again(Plan(*(getattr(plan, f) for f in Plan.__struct_fields__[:5]), request, *rest(plan)))
    assert again == (
        "ks-reset plan uninstall --members eu --gone-host a-b --gone-host c-d --discard 'ConfigMap/a/b c' "
        "--out plan.json"
    )


def rest(plan: Plan) -> list[Any]:
    return [getattr(plan, f) for f in Plan.__struct_fields__[6:]]
