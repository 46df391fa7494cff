"""The jwtSecret of a member is not the host's: it refuses every token of the host, and its pages stay empty.

ks-installer v3.3.1, roles/ks-core/config, and kubesphere v3.3.1, pkg/apiserver/authentication/options.go.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KIND, KS_INSTALLER, KUBESPHERE_NAMESPACE
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import JWT, Reads, each
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency

WHERE = "ConfigMap kubesphere-system/kubesphere-config"

ABOUT = About(Group.CLUSTERS, "Members have the jwtSecret of the host", Urgency.STOPS)
READS = Reads(found_in=each(JWT))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.members:
        if cluster.jwt and facts.host.jwt and cluster.jwt != facts.host.jwt:
            yield Finding(
                id="other-jwt-secret",
                severity=Severity.WARNING,
                title=f"The jwtSecret of {cluster.name} is not the host's",
                evidence=(Evidence(cluster.name, WHERE, "authentication.jwtSecret", "differs, compared by hash"),),
                next="The member refuses the host's tokens, also after a new join.",
                cure="Set the host's jwtSecret on the member before a join, as spec.authentication.jwtSecret: kubectl "
                f"--context {cluster.context} -n {KUBESPHERE_NAMESPACE} edit {CLUSTER_CONFIGURATION_KIND.resource}/"
                f"{KS_INSTALLER}.",
            )
