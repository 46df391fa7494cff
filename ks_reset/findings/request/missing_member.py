"""A member that was named and does not answer is neither clean nor dirty: nothing is planned before that is known."""

from collections.abc import Iterable

from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for member in facts.missing:
        if options.request.takes(member.name):
            yield Finding(
                id="missing-member",
                severity=Severity.UNKNOWN,
                title=f"The member {member.name} does not answer",
                evidence=(Evidence(member.name, f"context {member.context}", "answer", member.why),),
                next="What is on it is unknown: a fleet that is cleaned without it is not clean.",
                cure=f"See why it does not answer, or leave it for later with --later {member.name}.",
                blocks=("*",),
            )
