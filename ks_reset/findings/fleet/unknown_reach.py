"""A record of which nobody knows what it reaches, when namespaces are to hang on Workspaces again."""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    host = facts.host
    for dial in federation.unknown(host) if options.material.memory else ():
        yield Finding(
            id="unknown-reach",
            severity=Severity.UNKNOWN,
            title=f"What the KubeFedCluster {dial.record} reaches is not known",
            evidence=(
                Evidence(
                    host.name, f"KubeFedCluster {dial.namespace}/{dial.record}", "spec.apiEndpoint", dial.endpoint
                ),
            ),
            next="kubefed may reach it from inside; if another record reaches the same cluster, Workspaces flap.",
            cure="Run this where that address answers, or remove the record: forget-member, or stale-record.",
            certainty=f"dialled: {dial.reach}",
            blocks=("rebind",),
        )
