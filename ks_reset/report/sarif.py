"""Findings as SARIF 2.1.0, for tools that collect results of checks.

OASIS SARIF 2.1.0, sections 3.27 (result), 3.33 (logicalLocation) and 3.49 (reportingDescriptor): oasis-tcs/sarif-spec,
sarif-2.1/prose/sarif-v2.1.0-committee-specification.htm.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from ks_reset import __version__
from ks_reset.model import Finding, Severity

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.UNKNOWN: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}
"""Unknown is never less than an error: what could not be read may be critical."""


def render_sarif(findings: Iterable[Finding]) -> str:
    """One run with a result for each finding; its evidence are logical locations, since objects have no files."""
    found = list(findings)
    rules = [{"id": name, "defaultConfiguration": {"level": "warning"}} for name in dict.fromkeys(f.id for f in found)]
    index = {rule["id"]: at for at, rule in enumerate(rules)}
    driver = {"name": "ks-reset", "version": __version__, "semanticVersion": __version__, "rules": rules}
    results = [_result(finding, index[finding.id]) for finding in found]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}],
    }
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    places = [
        {"fullyQualifiedName": f"{e.cluster}: {e.object}", "kind": "resource", "name": e.object}
        for e in finding.evidence
    ]
    return {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{finding.title}. {finding.next} {finding.cure}"},
        "locations": [{"logicalLocations": places}] if places else [],
        "properties": {
            "severity": str(finding.severity),
            "certainty": finding.certainty,
            "blocks": list(finding.blocks),
            "evidence": [f"{e.field} = {e.value}" for e in finding.evidence],
        },
    }
