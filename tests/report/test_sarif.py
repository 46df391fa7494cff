"""Findings as SARIF: the fields that the standard asks for, and a level for each severity."""

import json
from pathlib import Path

from ks_reset import facts as reading
from ks_reset.findings import check_fleet
from ks_reset.model import Options, Severity
from ks_reset.report.sarif import LEVELS, render_sarif
from tests.cli.test_usage import run
from tests.incident import incident_facts


def test_each_finding_is_a_result_with_its_rule_level_and_objects() -> None:
    findings = check_fleet(incident_facts("produce-trt"), Options())
    log = json.loads(render_sarif(findings))
    (only,) = log["runs"]
    rules = [rule["id"] for rule in only["tool"]["driver"]["rules"]]
    assert log["version"] == "2.1.0"
    assert len(only["results"]) == len(findings) > 0
    assert "two-records-one-cluster" in rules
    for finding, result in zip(findings, only["results"], strict=True):
        assert (result["ruleId"], rules[result["ruleIndex"]]) == (finding.id, finding.id)
        assert result["level"] == LEVELS[finding.severity]
        assert result["message"]["text"].startswith(finding.title)
        named = [place["name"] for each in result["locations"] for place in each["logicalLocations"]]
        assert named == [evidence.object for evidence in finding.evidence]


def test_what_is_unknown_is_an_error() -> None:
    assert LEVELS.keys() == set(Severity)
    assert LEVELS[Severity.UNKNOWN] == LEVELS[Severity.CRITICAL] == "error"


def test_doctor_writes_it_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "s.json.gz"
    reading.save_snapshot(incident_facts("produce-trt"), path)
    done = run("doctor", "--snapshot", str(path), "-o", "sarif")
    assert (done.returncode, json.loads(done.stdout)["version"]) == (3, "2.1.0"), done.stderr
