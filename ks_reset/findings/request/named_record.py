"""The operator names a record as stale, and no fact confirms it: kubefed may still use it."""

import shlex
from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY
from ks_reset.facts import federation
from ks_reset.findings.reads import CONNECTIONS, DIALS, Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

READS = Reads(decided_by=host(DIALS, CONNECTIONS, CLUSTER_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    host = facts.host
    shared = {d.record for group in federation.same_cluster_groups(host) for d in group.dials}
    for dial in host.dials:
        if (
            dial.record in options.request.records
            and dial.record not in shared
            and not federation.reason_useless(host, dial)
        ):
            yield Finding(
                id="named-record",
                severity=Severity.WARNING,
                title=f"Nothing confirms that the record {dial.record} is stale",
                evidence=(
                    Evidence(host.name, f"KubeFedCluster {dial.record}", "answer", dial.reach),
                    Evidence(host.name, f"Cluster {dial.record}", "metadata.name", "there is one"),
                ),
                next="Its host would join it again at once, or the federation would lose a working member.",
                cure=_ways_on(facts, shlex.quote(dial.record)),
            )


def _ways_on(facts: FleetFacts, name: str) -> str:
    reach = "" if name in {member.name for member in facts.members} else f" --member {name}=CONTEXT"
    return (
        f"If its cluster is dead or was rebuilt: ks-reset plan forget-member --members {name} --out plan.json. If it "
        f"is to leave: ks-reset plan detach-member --members {name}{reach} --out plan.json."
    )
