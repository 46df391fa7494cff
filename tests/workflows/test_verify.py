"""The workflow `verify`: without a baseline the answer is unknown, and says what to do."""

from pathlib import Path

import pytest
from msgspec import structs

from ks_reset import facts as reading
from ks_reset.cli.verify import command
from ks_reset.journal import Journal
from ks_reset.model import FleetFacts, Options
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.workflows.verify import verify_fleet
from tests.build import Rows, facts

SHOP: Rows = [{"kind": "Namespace", "metadata": {"name": "shop"}}]
GONE: Rows = [{"kind": "Namespace"}]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    return tmp_path


def ran(known: FleetFacts, baseline: bool = True) -> None:
    """A finished run on these clusters."""
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())
    with Journal.of_plan(plan) as journal:
        journal.start_run(plan)
        if baseline:
            reading.save_snapshot(known, journal.baseline)
        journal.note_event("done", writes=1)


def test_without_any_run_the_verdict_is_unknown_and_says_so(state: Path) -> None:
    verdict = verify_fleet(facts(GONE))
    assert (verdict.clean, verdict.proof, verdict.leftovers) == (False, None, ())
    (sentence,) = verdict.uncompared
    assert "bystanders of host could not be compared: no run of ks-reset on them is known" in sentence
    assert f"{state}/runs" in sentence
    assert "--baseline FILE" in sentence


def test_a_run_without_a_baseline_is_no_proof_either() -> None:
    ran(facts(SHOP), baseline=False)
    (sentence,) = verify_fleet(facts(GONE)).uncompared
    assert "no run has kept a baseline of them" in sentence


def test_with_a_baseline_a_loss_is_a_change_and_its_absence_is_clean() -> None:
    ran(facts(SHOP))
    assert verify_fleet(facts(SHOP)).clean
    lost = verify_fleet(facts(GONE))
    assert (lost.clean, lost.uncompared) == (False, ())
    assert lost.proof
    assert [change.object for change in lost.proof.changes] == ["Namespace shop"]


def test_a_given_baseline_is_enough_and_has_to_cover_every_cluster() -> None:
    assert verify_fleet(facts(SHOP), facts(SHOP)).clean
    (sentence,) = verify_fleet(facts(SHOP, {"eu": SHOP}), facts(SHOP)).uncompared
    assert "bystanders of eu could" in sentence


def test_a_member_with_a_run_of_its_own_is_compared_with_that_baseline() -> None:
    ran(facts(SHOP))
    whole = facts(SHOP, {"eu": SHOP})
    assert "bystanders of eu could" in verify_fleet(whole).uncompared[0]
    (eu,) = whole.members
    ran(structs.replace(whole, host=structs.replace(eu, name="eu-admin"), members=()))
    assert verify_fleet(whole).clean
    lost = verify_fleet(facts(SHOP, {"eu": GONE}))
    assert lost.proof
    assert [(change.cluster, change.object) for change in lost.proof.changes] == [("eu", "Namespace shop")]


@pytest.mark.parametrize("output", ["table", "name", "json"])
def test_the_command_ends_with_5_without_a_baseline(output: str, capsys: pytest.CaptureFixture[str]) -> None:
    import typer

    class FakeConnection:
        """Facts without a cluster."""

        def read_facts(self) -> FleetFacts:
            return facts(GONE)

    with pytest.raises(typer.Exit) as end:
        command(output=output, connection=FakeConnection())  # type: ignore[arg-type]
    said = capsys.readouterr()
    assert (end.value.exit_code, "Clean" in said.out) == (5, False)
    assert "--baseline" in " ".join((said.out + said.err).split())
