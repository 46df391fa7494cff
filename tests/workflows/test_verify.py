"""The workflow `verify`: without a baseline the answer is unknown, and says what to do."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs
from rich.console import Console

from ks_reset import facts as reading
from ks_reset.cli.verify import command
from ks_reset.errors import Unknown, Usage
from ks_reset.journal import Journal
from ks_reset.model import FleetFacts, Gap, Options
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.report.proof import print_verdict
from ks_reset.verify.leftovers import BELT, find_leftovers
from ks_reset.workflows.baselines import given_baseline
from ks_reset.workflows.verify import verify_fleet
from tests.build import Rows, asked, facts
from tests.shorthand import expand_case

SHOP: Rows = [{"kind": "Namespace", "metadata": {"name": "shop"}}]
GONE: Rows = [{"kind": "Namespace"}]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path))
    return tmp_path


def ran(known: FleetFacts, baseline: bool = True, options: Options | None = None, playbook: str = "uninstall") -> None:
    """A finished run on these clusters."""
    plan = planning.make_plan(playbooks.load_playbook(playbook), known, options or Options())
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


def test_the_choices_of_the_last_uninstall_count_and_no_earlier_ones() -> None:
    rows = [
        "Namespace shop",
        "Namespace kubesphere-logging-system",
        "Deployment kubesphere-logging-system/fluentbit-operator",
    ]
    known = facts(expand_case({"host": rows})["host"])
    keeps = asked(kept_operators=["fluentbit-operator"])
    home = "Namespace kubesphere-logging-system"
    ran(structs.replace(known, taken="2026-01-01T00:00:00Z"), options=keeps)
    assert home not in [left.object for left in verify_fleet(known).leftovers]
    ran(structs.replace(known, taken="2026-01-02T00:00:00Z"))
    assert home in [left.object for left in verify_fleet(known).leftovers]


PROGRAMS = [
    {f"Deployment kubesphere-system/{name}": {"replicas": 1, "image": f"kubesphere/{name}:v3.3.1"}}
    for name in ("ks-apiserver", "ks-controller-manager")
]
ROWS = ["Namespace shop", "Namespace kubesphere-system", *PROGRAMS]
INSTALLED = expand_case({"host": ROWS})["host"]


def test_after_a_cure_kubesphere_is_meant_to_stay_and_bystanders_are_compared() -> None:
    known = facts(INSTALLED)
    ran(known, playbook="stale-record")
    verdict = verify_fleet(known)
    assert (verdict.clean, verdict.leftovers) == (True, ())
    assert verdict.installed["host"] == len(find_leftovers(known)) > 0
    assert [left.object for left in verify_fleet(known, removed=True).leftovers] == ["Namespace kubesphere-system"]
    removed_by_hand = facts(expand_case({"host": ROWS[:2]})["host"])
    assert [left.object for left in verify_fleet(removed_by_hand).leftovers] == ["Namespace kubesphere-system"]
    lost = verify_fleet(facts([row for row in INSTALLED if row["metadata"]["name"] != "shop"]))
    assert lost.proof
    assert [change.object for change in lost.proof.changes] == ["Namespace shop"]


def test_after_a_cure_the_seatbelt_left_on_is_a_leftover() -> None:
    belt = f"ValidatingWebhookConfiguration {BELT}"
    known = facts(expand_case({"host": [*ROWS, belt]})["host"])
    ran(known, playbook="stale-record")
    (left,) = verify_fleet(known).leftovers
    assert BELT in left.object


def test_the_last_uninstall_or_installation_says_whether_kubesphere_is_meant_to_be_gone() -> None:
    known = facts(INSTALLED)
    ran(structs.replace(known, taken="2026-01-01T00:00:00Z"))
    ran(structs.replace(known, taken="2026-01-02T00:00:00Z"), playbook="stale-record")
    assert verify_fleet(known).leftovers
    assert verify_fleet(known, removed=False).leftovers == ()


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


def traveller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: FleetFacts) -> Path:
    """The baseline of an uninstall of `known`, in a file of its own, on a machine without any run."""
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())
    reading.save_snapshot(
        reading.Baseline(known.tool, known.taken, known.host, known.members, plans=(plan,)), tmp_path / "b.json.gz"
    )
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "elsewhere"))
    return tmp_path / "b.json.gz"


KUBESPHERE: Rows = [
    {"kind": "Namespace", "metadata": {"name": "kubesphere-system"}},
    {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "ws1"}},
]


def test_a_baseline_travels_with_its_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = given_baseline(traveller(tmp_path, monkeypatch, facts([*SHOP, *KUBESPHERE])))
    clean, lost = verify_fleet(facts(SHOP), before), verify_fleet(facts(GONE), before)
    assert clean.clean, clean
    assert lost.proof
    assert [change.object for change in lost.proof.changes] == ["Namespace shop"]


def test_a_snapshot_made_by_hand_is_a_baseline_without_a_plan(tmp_path: Path) -> None:
    reading.save_snapshot(facts([*SHOP, *KUBESPHERE]), tmp_path / "s.json")
    verdict = verify_fleet(facts(SHOP), given_baseline(tmp_path / "s.json"))
    assert verdict.proof
    assert {change.object.partition(" ")[0] for change in verdict.proof.changes} == {
        "Namespace",
        "Workspace.tenant.kubesphere.io",
    }


def test_a_baseline_of_another_fleet_is_refused() -> None:
    other = facts(SHOP)
    other = structs.replace(other, host=structs.replace(other.host, identity="uid-of-another"))
    with pytest.raises(
        Usage, match=r"of another fleet: host \(uid-of-another\)\. The clusters read are host \(uid-of-"
    ):
        verify_fleet(facts(SHOP), other)


def test_a_baseline_with_unread_lists_is_no_proof() -> None:
    known = facts(SHOP)
    before = structs.replace(known, host=structs.replace(known.host, gaps=(Gap("list of secrets", "403"),)))
    verdict = verify_fleet(known, before)
    assert not verdict.clean
    assert "list of secrets could not be read" in verdict.uncompared[0]


@pytest.mark.parametrize("rows", [[], GONE], ids=["no objects", "no namespaces"])
def test_a_baseline_without_namespaces_is_no_proof(rows: Rows) -> None:
    verdict = verify_fleet(facts(SHOP), facts(rows))
    assert not verdict.clean
    assert "its baseline has no namespace" in verdict.uncompared[0]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data[: len(data) // 2], "is damaged"),
        (lambda data: data[:30] + bytes([data[30] ^ 255]) + data[31:], "damaged|is not a baseline"),
        (lambda data: data[:-6] + bytes([data[-6] ^ 255]) + data[-5:], "is damaged"),
        (lambda _: b"", "is not a baseline"),
        (lambda _: b"{}", "is not a baseline"),
        (lambda _: b"\xff\xfe\x00", "is not a baseline"),
        (lambda _: b"<html>", "is not a baseline"),
        (lambda data: gzip.decompress(data).replace(b'"uninstall"', b'"defuse"'), "was changed after it was made"),
    ],
)
def test_a_file_that_is_no_baseline_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[bytes], bytes], said: str
) -> None:
    path = traveller(tmp_path, monkeypatch, facts(SHOP))
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(Usage, match=said):
        given_baseline(path)


def test_a_file_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="cannot be read: No such file"):
        given_baseline(tmp_path / "absent")


def test_a_damaged_baseline_of_the_last_run_is_unknown(state: Path) -> None:
    ran(facts(SHOP))
    (kept,) = state.glob("runs/*/baseline.json.gz")
    kept.write_bytes(kept.read_bytes()[:40])
    with pytest.raises(Unknown, match="give that with --baseline FILE"):
        verify_fleet(facts(SHOP))


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


def test_a_type_that_a_run_has_kept_is_told_and_its_loss_is_a_change() -> None:
    crd, name = "CustomResourceDefinition widgets.odd.kubesphere.io -> Widget", "Widget.odd.kubesphere.io shop/one"
    rows = expand_case({"host": ["Namespace shop", crd, "Widget.v1.odd.kubesphere.io shop/one"]})["host"]
    ran(facts(rows), options=asked(kept_types=["widgets.odd.kubesphere.io"]))
    verdict = verify_fleet(facts(rows))
    assert (verdict.clean, verdict.leftovers) == (True, ())
    assert ["it stays with its 1 object(s) (--keep-type)" in kept.why for kept in verdict.kept] == [True]
    console = Console(record=True, width=300)
    print_verdict(verdict, facts(rows), console, verbose=False)
    assert "kept on host: CustomResourceDefinition.apiextensions.k8s.io widgets.odd" in console.export_text()
    lost = verify_fleet(facts(rows[:-1]))
    assert lost.proof
    assert [change.object for change in lost.proof.changes] == [name]
