"""Credentials of a cluster whose record is gone: full rights there, kept where nobody looks."""

from collections.abc import Iterable

from ks_reset.facts.orphan_secrets import orphans
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    if found := orphans(facts.host):
        named = " ".join(f"--record {secret.name}" for secret in found)
        yield Finding(
            id="secret-without-record",
            severity=Severity.INFO,
            title=f"{len(found)} Secret(s) may hold the credentials of clusters that no record names",
            evidence=tuple(Evidence(facts.host.name, o.title, "named by", "no KubeFedCluster") for o in found),
            next="Whoever reads them has all rights on those clusters, if they still exist.",
            cure=f"Once you know that nobody uses them: ks-reset plan stale-record {named} -o plan.json.",
        )
