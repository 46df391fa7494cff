"""Credentials of a cluster without its record: they give all rights there, and nobody uses them."""

from collections.abc import Iterable

from ks_reset.catalogue.names import DEPLOYMENT_KEY, KUBEFED_CLUSTER_KEY, KUBEFED_CONFIG_KEY, SECRET_KEY
from ks_reset.facts.orphan_secrets import orphan_secrets
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

ABOUT = About(Group.FEDERATION, "Credentials of clusters have a record", Urgency.KNOW)
READS = Reads(found_in=host(SECRET_KEY, DEPLOYMENT_KEY, KUBEFED_CONFIG_KEY), decided_by=host(KUBEFED_CLUSTER_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    if secrets := orphan_secrets(facts.host):
        named = " ".join(f"--record {secret.name}" for secret in secrets)
        yield Finding(
            id="secret-without-record",
            severity=Severity.INFO,
            title=f"{len(secrets)} Secret(s) may hold credentials of clusters without a record",
            evidence=tuple(Evidence(facts.host.name, o.title, "named by", "no KubeFedCluster") for o in secrets),
            next="They give all rights on those clusters, if these still exist.",
            cure=f"Once you know that nobody uses them: ks-reset plan stale-record {named} --out plan.json.",
        )
