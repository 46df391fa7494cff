"""doctor for an account that may not read everything: exit 5, and never that nothing was found."""

import json
from pathlib import Path

import pytest

from ks_reset import facts as reading
from ks_reset.cli import doctor
from ks_reset.findings import check_up
from ks_reset.model import FleetFacts, Options
from tests.build import facts
from tests.cli.test_usage import run
from tests.findings.gapped import gapped_fleets, without_rights
from tests.incident import incident_facts

CLEAN = facts(
    [
        {"kind": "Namespace", "metadata": {"name": "shop"}},
        {"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster"},
    ]
)
BLIND = [without_rights(CLEAN), *(given for _, _, given in gapped_fleets(CLEAN))]


@pytest.mark.parametrize("given", BLIND, ids=lambda given: given.host.gaps[-1].what)
def test_what_may_not_be_read_is_unknown_and_not_nothing(given: FleetFacts, tmp_path: Path) -> None:
    path = tmp_path / "s.json.gz"
    reading.save_snapshot(given, path)
    done = run("doctor", "--snapshot", str(path))
    assert (done.returncode, "Nothing found" in done.stdout) == (5, False), done.stdout
    assert "(unchecked)" in done.stdout


def test_a_clean_fleet_read_in_full_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "s.json.gz"
    reading.save_snapshot(CLEAN, path)
    done = run("doctor", "--snapshot", str(path))
    assert (done.returncode, "Nothing found" in done.stdout) == (0, True), done.stdout


SICK = facts(
    [
        {"kind": "Namespace", "metadata": {"name": "shop"}, "spec": {}},
        {
            "kind": "Namespace",
            "metadata": {
                "name": "lake",
                "ownerReferences": [
                    {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws1", "uid": "gone"}
                ],
            },
        },
    ]
)


def shown(folder: Path, *flags: str, columns: str = "80") -> str:
    reading.save_snapshot(SICK, folder / "s.json.gz")
    return run("doctor", "--snapshot", str(folder / "s.json.gz"), *flags, COLUMNS=columns).stdout


def test_findings_are_grouped_by_what_to_do_first(tmp_path: Path) -> None:
    text = shown(tmp_path)
    order = ["Data at risk now", "(old-owner)", "Stops KubeSphere or deletions", "(wiped-namespace)", "Checks"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_prose_fits_the_terminal_and_each_command_is_on_a_line_of_its_own(tmp_path: Path) -> None:
    lines = shown(tmp_path).splitlines()
    command = f"ks-reset plan defuse --snapshot {tmp_path / 's.json.gz'} --out plan.json"
    assert command in [line.replace("Way on", "").strip() for line in lines]
    wide = [line for line in lines if len(line) > 80 and "ks-reset " not in line and "kubectl " not in line]
    assert not wide
    for part in ("  Seen  ", "  Follows  ", "  Way on  "):
        assert sum(line.startswith(part) for line in lines) == 2, part


def test_checks_are_counted_by_group_and_listed_on_demand(tmp_path: Path) -> None:
    short, long = shown(tmp_path), shown(tmp_path, "--checks")
    assert "Federation: 14 checks, passed" in short
    assert "Workspaces and users: 8 checks, 7 passed, 1 found (old-owner)" in short
    assert "The clocks of members agree with the host's" not in short
    assert "passed          The clocks of members agree with the host's" in long
    assert "found           Namespaces have the finalizer of Kubernetes" in long


def test_json_has_each_check_with_its_result_and_the_most_urgent_finding_first(tmp_path: Path) -> None:
    document = json.loads(shown(tmp_path, "--checks", "-o", "json"))
    results = {check["name"]: (check["group"], check["result"], check["findings"]) for check in document["checks"]}
    assert results["old-owner"] == ("Workspaces and users", "found", ["old-owner"])
    assert results["two-records"] == ("Federation", "passed", [])
    assert [(f["id"], f["urgency"]) for f in document["findings"]] == [
        ("old-owner", "data at risk now"),
        ("wiped-namespace", "stops KubeSphere or deletions"),
    ]
    assert json.loads(shown(tmp_path, "-o", "json")) == document["findings"]


def test_a_check_that_could_not_be_made_cannot_be_told(tmp_path: Path) -> None:
    blind = facts([], gaps=[{"what": "list of clusters.cluster.kubesphere.io", "why": "403"}])
    reading.save_snapshot(blind, tmp_path / "s.json.gz")
    document = json.loads(run("doctor", "--snapshot", str(tmp_path / "s.json.gz"), "--checks", "-o", "json").stdout)
    results = {check["name"]: check["result"] for check in document["checks"]}
    assert (results["terminating-cluster"], results["clock-skew"]) == ("cannot be told", "passed")


FIRST = "Before anything else, have the API servers refuse deletions of users' objects:"


def test_while_data_is_at_risk_the_seatbelt_comes_before_every_cure(tmp_path: Path) -> None:
    reading.save_snapshot(incident_facts("old-host"), tmp_path / "s.json.gz")
    lines = run("doctor", "--snapshot", str(tmp_path / "s.json.gz"), COLUMNS="100").stdout.splitlines()
    at = lines.index("Data at risk now")
    assert lines[at + 1 : at + 3] == [f"  {FIRST}", "    ks-reset protect on"]
    reading.save_snapshot(CLEAN, tmp_path / "s.json.gz")
    assert "protect on" not in run("doctor", "--snapshot", str(tmp_path / "s.json.gz")).stdout


def test_with_every_seatbelt_on_it_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    known = incident_facts("old-host")
    found = check_up(known, Options()).findings
    assert doctor._first_aid(known, found)
    monkeypatch.setattr("ks_reset.seatbelt.is_on", lambda _: True)
    assert doctor._first_aid(known, found) == ""
