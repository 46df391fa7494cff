"""A rule says what it reads; what rests on something not read is never told as certain, nor as nothing found."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from msgspec import structs

from ks_reset import findings
from ks_reset.findings.certainty import declared_reads, gaps_met, run_rule
from ks_reset.findings.reads import ANY_LIST, OWN_TYPES, Reads, Role, Side, each, host
from ks_reset.findings.request.planned_install import SELECTED
from ks_reset.findings.watched import watch
from ks_reset.model import Finding, FleetFacts, Gap, Options, Severity
from tests.build import facts
from tests.cases import module_name
from tests.findings.gapped import gapped_fleets, without_rights
from tests.findings.test_rules import CASES, RuleCase

ALL: tuple[Callable[..., Any], ...] = (*findings.RULES, *findings.INSTALL_RULES)
FLEET = [case for case in CASES if case.values is None]
INSTALL = [case for case in CASES if case.values]


def asked(rule: Callable[..., Any], case: RuleCase) -> Callable[[FleetFacts], list[Finding]]:
    """The rule with the request or the values of a case."""
    if rule in findings.INSTALL_RULES:
        return lambda given: list(rule(case.values, given, case.external))
    return lambda given: list(rule(given, case.options))


def cases_for(rule: Callable[..., Any]) -> list[RuleCase]:
    return INSTALL if rule in findings.INSTALL_RULES else FLEET


@pytest.mark.parametrize("rule", ALL, ids=module_name)
def test_a_rule_reads_nothing_but_what_it_declares(rule: Callable[..., Any]) -> None:
    reads = declared_reads(rule)
    for case in cases_for(rule):
        watched = watch(case.facts)
        assert asked(rule, case)(watched) == asked(rule, case)(case.facts)
        undeclared = [
            (noted.cluster, noted.key)
            for noted in watched.notes.values()
            if not reads.declared(case.facts, noted.cluster, noted.key)
        ]
        assert not undeclared, case


@pytest.mark.parametrize("rule", ALL, ids=module_name)
def test_a_rule_reads_all_that_it_declares(rule: Callable[..., Any]) -> None:
    reads, seen = declared_reads(rule), set[str]()
    for case in cases_for(rule):
        watched = watch(case.facts)
        asked(rule, case)(watched)
        seen |= {noted.key for noted in watched.notes.values()}
    declared = {read.key for _, of_role in reads.by_role() for read in of_role if read not in SELECTED}
    assert declared - seen <= {ANY_LIST, OWN_TYPES}


def certain(found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.severity is not Severity.UNKNOWN]


def told(finding: Finding) -> tuple[str, str, str]:
    """The id, the title without its numbers, and the first evidence: with a gap there may be fewer objects."""
    return finding.id, re.sub(r"\d+", "N", finding.title), finding.evidence[0].object


def evidence_of(finding: Finding) -> set[tuple[str, str, str]]:
    return {(evidence.cluster, evidence.object, evidence.field) for evidence in finding.evidence}


def is_within(finding: Finding, whole: list[Finding]) -> bool:
    """Whether the finding is one of those of the whole facts, with evidence from there."""
    return any(told(finding)[:2] == told(w)[:2] and evidence_of(finding) <= evidence_of(w) for w in whole)


def tell(rule: Callable[..., Any], case: RuleCase, given: FleetFacts) -> list[Finding]:
    outcome = run_rule(module_name(rule), asked(rule, case), declared_reads(rule), given)
    return [*outcome.findings, *findings.unchecked_finding([outcome], given)]


@pytest.mark.parametrize("rule", ALL, ids=module_name)
def test_with_any_list_taken_away_a_rule_tells_no_more_as_certain_and_says_what_it_does_not_know(
    rule: Callable[..., Any],
) -> None:
    for case in cases_for(rule):
        whole = tell(rule, case, case.facts)
        for cluster, gap, given in gapped_fleets(case.facts):
            found = tell(rule, case, given)
            wrong = [f.title for f in certain(found) if f.id != "unreadable" and not is_within(f, whole)]
            assert not wrong, (case, cluster, gap)
            missing = [w for w in certain(whole) if told(w) not in map(told, certain(found))]
            unknown = {e for f in found if f.severity is Severity.UNKNOWN for e in [f.id, *gap_texts(f)]}
            assert not missing or gap.what in unknown or f"{gap.what} of {cluster}" in unknown, (case, cluster, gap)


def gap_texts(finding: Finding) -> list[str]:
    named = finding.certainty.partition("not read: ")[2].split(", ")
    return [*named, *(evidence.object for evidence in finding.evidence)]


@pytest.mark.parametrize("case", FLEET, ids=str)
def test_an_account_without_rights_is_never_told_that_nothing_was_found(case: RuleCase) -> None:
    blind = without_rights(case.facts)
    found = findings.check_fleet(blind, Options())
    if any(cluster.kinds for cluster in case.facts.clusters):
        assert {"unreadable", "unchecked"} <= {finding.id for finding in found}
        assert not [f for f in certain(found) if f.id not in {"clock-skew"}]


def test_what_cannot_be_told_says_what_was_not_read_and_the_command_that_mends_it() -> None:
    row = {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"kubefed.io/managed": "true"}}}
    gaps = [{"what": "list of kubefedclusters.core.kubefed.io", "why": 'User "v" cannot list resource: 403'}]
    found = findings.check_fleet(facts([row], gaps=gaps), Options())
    finding = next(f for f in found if f.id == "managed-without-host")
    assert finding.severity is Severity.UNKNOWN
    assert finding.title.startswith("Cannot be told for certain: 1 object(s) of host are marked")
    assert finding.certainty == "cannot be told; not read: list of kubefedclusters.core.kubefed.io of host"
    assert "--verb=get,list --resource=kubefedclusters.core.kubefed.io" in finding.cure
    assert "kubectl --context host create clusterrolebinding" in finding.cure
    assert "adopt-member" not in finding.cure


def test_a_list_that_failed_otherwise_is_no_missing_permission() -> None:
    gaps = [{"what": "list of pods", "why": "503"}, {"what": "API group types.kubefed.io/v1beta1", "why": "503"}]
    unchecked = next(f for f in findings.check_fleet(facts([], gaps=gaps), Options()) if f.id == "unchecked")
    assert "clusterrole" not in unchecked.cure
    assert "kubectl --context host get pods -A" in unchecked.cure
    assert "kubectl --context host get --raw /apis/types.kubefed.io/v1beta1" in unchecked.cure


def test_an_undeclared_read_counts_as_one_that_decides() -> None:
    given = facts([{"kind": "Pod", "metadata": {"name": "a"}}], gaps=[{"what": "list of pods", "why": "403"}])
    watched = watch(given)
    watched.host.of("Pod")
    assert [(met.role, met.side) for met in gaps_met(watched, Reads())] == [(Role.DECIDED, Side.ANYWHERE)]


def test_a_gap_on_another_cluster_does_not_touch_a_finding_about_this_one() -> None:
    rows = [{"kind": "Pod", "metadata": {"name": "a"}}]
    given = facts(rows, {"eu": rows})
    gone = structs.replace(given.members[0], objects={}, gaps=(Gap("list of pods", "403"),))
    given = structs.replace(given, members=(gone,))

    def check(seen: FleetFacts, by: str) -> list[Finding]:
        assert [cluster.of("Pod") for cluster in seen.clusters]
        return [Finding(by, Severity.WARNING, "t", (findings.certainty.Evidence("host", "a", "b", "c"),), "n", "c")]

    outcome = run_rule("x", partial(check, by="x"), Reads(decided_by=each("Pod")), given)
    assert outcome.findings[0].severity is Severity.WARNING
    assert {place[0] for place in outcome.unchecked} == {"eu"}
    assert run_rule("x", partial(check, by="x"), Reads(decided_by=host("Pod")), given).findings[0].severity is (
        Severity.UNKNOWN
    )
