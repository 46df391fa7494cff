"""A named member does not answer: its state is unknown, and nothing is planned before it is known."""

from collections.abc import Iterable

from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.CLUSTERS, "Every named member answers", Urgency.STOPS)
READS = Reads()


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for member in facts.missing:
        if options.request.works_on(member.name):
            yield Finding(
                id="missing-member",
                severity=Severity.UNKNOWN,
                title=f"The member {member.name} does not answer",
                evidence=(Evidence(member.name, f"context {member.context}", "answer", member.why),),
                next="Its objects are unknown, so a fleet cleaned without it may not be clean.",
                cure=f"See why: kubectl --context {member.context} version. Or leave it for later: ks-reset plan "
                f"PLAYBOOK --later {member.name} --out plan.json.",
            )
