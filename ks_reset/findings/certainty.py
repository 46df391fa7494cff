"""A rule run on watched facts: a finding that rests on a gap cannot be told, and silence because of one is reported.

The outcome of a rule depends on what it read and on nothing else; so without a gap in it, it is certain.
"""

import sys
from collections.abc import Callable, Iterable

from msgspec import Struct, structs

from ks_reset.findings.mend import contexts, how_to_mend
from ks_reset.findings.reads import Reads, Role, Side
from ks_reset.findings.watched import Noted, WatchedFleet, watch
from ks_reset.model import Evidence, Finding, FleetFacts, Gap, Result, Severity, Urgency

Place = tuple[str, Gap]
"""The name of a cluster, and a gap in its facts."""
UNTOLD = (Role.DECIDED, Role.FOUND)


class Outcome(Struct, frozen=True):
    """The findings of a rule, and the gaps because of which it may have said too little."""

    rule: str
    findings: tuple[Finding, ...]
    unchecked: frozenset[Place]

    def with_urgency(self, urgency: Urgency) -> "Outcome":
        """The same outcome with the urgency of its rule; what is not certain, or critical, has its own."""
        own = {Severity.UNKNOWN: Urgency.UNREAD, Severity.CRITICAL: Urgency.DATA}
        found = tuple(structs.replace(f, urgency=own.get(f.severity, urgency)) for f in self.findings)
        return structs.replace(self, findings=found)


class Met(Struct, frozen=True):
    """A gap that a rule met, with its role for the rule."""

    cluster: str
    gap: Gap
    role: Role
    side: Side


def run_rule(name: str, check: Callable[[FleetFacts], Iterable[Finding]], reads: Reads, facts: FleetFacts) -> Outcome:
    """Run a rule, and say of each finding how certain it is."""
    watched = watch(facts)
    found = tuple(check(watched))
    gaps = gaps_met(watched, reads)
    findings = tuple(_with_certainty(finding, gaps, facts) for finding in found)
    told = {place for finding in found if finding.severity is not Severity.UNKNOWN for place in _untold(finding, gaps)}
    return Outcome(name, findings, frozenset((m.cluster, m.gap) for m in gaps if m.role in UNTOLD) - told)


def result_of(outcome: Outcome) -> Result:
    """The result of a rule: found where a finding is certain, passed where all was read that it asks for."""
    if any(finding.severity is not Severity.UNKNOWN for finding in outcome.findings):
        return Result.FOUND
    return Result.UNTOLD if outcome.findings or outcome.unchecked else Result.PASSED


def declared_reads(rule: Callable[..., object]) -> Reads:
    """The declaration in the module of a rule."""
    declared: Reads = sys.modules[rule.__module__].READS
    return declared


def gaps_met(watched: WatchedFleet, reads: Reads) -> list[Met]:
    """The gaps in what was read. A gap in an undeclared list counts as one in a list that decides every finding."""
    return [
        Met(noted.cluster, gap, role, side)
        for noted in watched.notes.values()
        if noted.gaps
        for role, side in _declared(reads, watched.raw, noted)
        for gap in noted.gaps
    ]


def _declared(reads: Reads, facts: FleetFacts, noted: Noted) -> list[tuple[Role, Side]]:
    return reads.declared(facts, noted.cluster, noted.key) or [(Role.DECIDED, Side.ANYWHERE)]


def _with_certainty(finding: Finding, gaps: list[Met], facts: FleetFacts) -> Finding:
    if finding.severity is Severity.UNKNOWN:
        return finding
    if untold := _untold(finding, gaps):
        return structs.replace(
            finding,
            severity=Severity.UNKNOWN,
            title=f"Cannot be told for certain: {finding.title}",
            next=f"If it is so: {finding.next}",
            cure=f"{how_to_mend(contexts(facts), untold)} Do not act on this finding before.",
            certainty=f"cannot be told; not read: {gap_names(untold)}",
        )
    notes = {Role.FOUND: "there may be more", Role.WORDED: "what follows from it may be more"}
    for role, text in notes.items():
        if places := _places(finding, gaps, role):
            finding = structs.replace(finding, certainty=f"{finding.certainty}; {text}, not read: {gap_names(places)}")
    return finding


def _untold(finding: Finding, gaps: list[Met]) -> set[Place]:
    """The gaps that may take this finding away."""
    return _places(finding, gaps, Role.DECIDED)


def _places(finding: Finding, gaps: list[Met], role: Role) -> set[Place]:
    """The gaps of this role that concern the finding."""
    clusters = {evidence.cluster for evidence in finding.evidence}
    of_role = (m for m in gaps if m.role is role)
    return {(m.cluster, m.gap) for m in of_role if m.side is not Side.EACH or m.cluster in clusters}


def gap_names(places: Iterable[Place]) -> str:
    """The gaps by cluster, for a person."""
    return ", ".join(sorted(f"{gap.what} of {cluster}" for cluster, gap in places))


def unchecked_finding(outcomes: Iterable[Outcome], facts: FleetFacts) -> Iterable[Finding]:
    """One finding with each gap because of which rules may have said too little, and with their names."""
    rules: dict[Place, list[str]] = {}
    for outcome in outcomes:
        for place in sorted(outcome.unchecked, key=lambda place: (place[0], place[1].what)):
            rules.setdefault(place, []).append(outcome.rule)
    if not rules:
        return
    count = len({name for names in rules.values() for name in names})
    yield Finding(
        id="unchecked",
        severity=Severity.UNKNOWN,
        title=f"{count} check(s) could not be made, or not in full",
        evidence=tuple(
            Evidence(cluster, gap.what, "not read, and needed by", ", ".join(names))
            for (cluster, gap), names in rules.items()
        ),
        next="What these checks look for may be there: where nothing was read, nothing found means nothing.",
        cure=how_to_mend(contexts(facts), rules),
        certainty="cannot be told",
        urgency=Urgency.UNREAD,
    )
