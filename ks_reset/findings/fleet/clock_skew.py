"""A cluster whose clock is far from the host's: tokens are refused there, and leases look expired that are not."""

from collections.abc import Iterable

from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

SECONDS = 30


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for world in facts.members:
        apart = world.skew - facts.host.skew
        if abs(apart) > SECONDS:
            way = "ahead of" if apart > 0 else "behind"
            yield Finding(
                id="clock-skew",
                severity=Severity.WARNING,
                title=f"The clock of {world.name} is {abs(apart):.0f} s {way} the host's",
                evidence=(Evidence(world.name, "API server", "Date", f"{apart:+.0f} s"),),
                next="Tokens that the host signs may be refused there, as not valid yet or not any more.",
                cure="Set the clocks right (NTP) before a join.",
            )
