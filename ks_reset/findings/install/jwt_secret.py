"""Members would refuse the host's tokens: jwtSecret has to be the same on all of them.

kubesphere v3.3.1, pkg/kapis/cluster/v1alpha1/handler.go (validateMemberClusterConfiguration); for a Cluster created
with kubectl this is not even checked.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY
from ks_reset.findings.reads import Reads, host
from ks_reset.install.effective import effective_settings
from ks_reset.model import Evidence, ExternalAnswers, Finding, FleetFacts, Severity, Values

READS = Reads(decided_by=host(CLUSTER_CONFIGURATION_KEY))


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Finding]:
    if facts.members and not effective_settings(values, facts.host, facts).jwt_secret:
        yield Finding(
            id="jwt-secret",
            severity=Severity.WARNING,
            title=f"jwtSecret is not given, and {len(facts.members)} member(s) need that of the host",
            evidence=(Evidence(facts.host.name, "values file", "jwtSecret", "absent"),),
            next="Each cluster draws its own, and members refuse the tokens of their host.",
            cure="Set jwtSecret in the values file; the host keeps its own in ConfigMap "
            "kubesphere-system/kubesphere-config, authentication.jwtSecret.",
        )
