"""The commands of kubectl in the way on of each finding about a fleet, carried out on the objects of a case.

They are carried out in order until the rule finds nothing more of this kind. What comes of it is in
tests/golden/by_hand.txt, and from there in docs/doctor.md.
"""

from collections.abc import Iterator
from functools import reduce

from ks_reset import findings
from ks_reset.cli.way_on import Call, complete_commands
from ks_reset.findings.fleet.disabled_ip_pool import CALICO_KEY, OWN_KEY
from ks_reset.model import Finding, FleetFacts
from ks_reset.report.commands import split_message
from tests import golden_files
from tests.cases import module_name
from tests.findings.kubectl import WRITES, carry_out
from tests.findings.test_cures import PLACEHOLDER, PLACEHOLDERS
from tests.findings.test_rules import CASES, RuleCase, findings_of
from tests.findings.test_typed import certain_findings


def written_commands(finding: Finding) -> list[str]:
    """The commands of kubectl in the cure that change an object, in order, without those with a placeholder."""
    parts = split_message(complete_commands(finding.cure, Call()))
    each = [one.strip() for part in parts if part.is_command for one in part.text.split(" && ")]
    known = {hole for found, hole in PLACEHOLDERS if found == finding.id}
    return [c for c in each if _writes(c) and not known & {*PLACEHOLDER.findall(c)}]


def _writes(command: str) -> bool:
    return command.startswith("kubectl ") and " | " not in command and any(f" {verb} " in command for verb in WRITES)


def is_found(case: RuleCase, facts: FleetFacts, name: str) -> bool:
    rule = next(rule for rule in findings.RULES if module_name(rule) == case.subject)
    return name in {finding.id for finding in findings.check_rule(rule, facts, case.options)}


def mended_by(case: RuleCase, finding: Finding) -> list[str]:
    """The commands after which the finding is gone; none if it stays."""
    facts, done = case.facts, list[str]()
    for command in written_commands(finding):
        try:
            facts = carry_out(facts, command)
        except ValueError:  # a command after another one that did the same
            continue
        done.append(command)
        if not is_found(case, facts, finding.id):
            return done
    return []


def lines() -> Iterator[str]:
    """A line for each finding that its commands mend, of the first case where they do."""
    for name, cases in sorted(certain_findings().items()):
        mended = next(filter(None, (mended_by(case, finding) for case, finding in cases)), [])
        if mended:
            yield f"{name} | {mended[0]} | {len(mended)}"


def test_after_the_commands_of_kubectl_these_findings_are_gone() -> None:
    golden_files.same("by_hand.txt", "".join(f"{line}\n" for line in lines()))


def test_both_acts_keep_a_pool_of_calico_whose_ippool_is_deleted() -> None:
    """Enabled alone, ks-controller-manager disables it again; owned by what is gone, garbage collection takes it."""
    case = next(case for case in CASES if (case.subject, case.name) == ("disabled_ip_pool", "by_a_deletion"))
    (finding,) = findings_of(case)
    commands = written_commands(finding)
    assert ["merge" in command for command in commands] == [False, True, False, True]
    facts = reduce(carry_out, commands, case.facts)
    pools = facts.host.of(CALICO_KEY)
    assert [(pool.name, pool.spec["disabled"], pool.owners) for pool in pools] == [
        ("default", False, ()),
        ("extra", False, ()),
    ]
    assert not facts.host.of(OWN_KEY)


def test_one_command_takes_all_owners_of_kubespheres_off_a_pool_and_leaves_the_others() -> None:
    case = next(case for case in CASES if (case.subject, case.name) == ("disabled_ip_pool", "two_owners"))
    (finding,) = findings_of(case)
    facts = reduce(carry_out, written_commands(finding), case.facts)
    (pool,) = facts.host.of(CALICO_KEY)
    assert (pool.spec["disabled"], [owner.name for owner in pool.owners]) == (False, ["acme"])
