"""The cluster behind a record is unknown, and namespaces are to be bound to Workspaces again."""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.findings.reads import CONNECTIONS, DIALS, Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

READS = Reads(found_in=host(DIALS), decided_by=host(CONNECTIONS))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    host = facts.host
    for dial in federation.records_of_unknown_cluster(host) if options.material.memory else ():
        yield Finding(
            id="unknown-reach",
            severity=Severity.UNKNOWN,
            title=f"The cluster behind KubeFedCluster {dial.record} is not known",
            evidence=(
                Evidence(
                    host.name, f"KubeFedCluster {dial.namespace}/{dial.record}", "spec.apiEndpoint", dial.endpoint
                ),
            ),
            next="kubefed may reach it from inside; if another record reaches the same cluster, kubefed deletes and "
            "re-creates Workspaces.",
            cure="Run this where that address answers, or remove the record: ks-reset plan forget-member --members "
            f"{dial.record} --out plan.json, or ks-reset plan stale-record --record {dial.record} --out plan.json.",
            certainty=f"dialled: {dial.reach}",
        )
