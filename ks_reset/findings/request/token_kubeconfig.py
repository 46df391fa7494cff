"""A member is to be joined by a token, and this KubeSphere never reports such a member as ready."""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY, DEPLOYMENT_KEY
from ks_reset.facts.installation import running_version
from ks_reset.findings.reads import Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, MemberJoin, Options, Severity, version_number

CURE = (
    "Give a kubeconfig with client-certificate-data and client-key-data: ks-reset plan rejoin --join {}=FILE --out "
    "plan.json."
)

READS = Reads(decided_by=host(DEPLOYMENT_KEY, CLUSTER_CONFIGURATION_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    runs = running_version(facts.host)
    for joining in options.material.joining:
        if never_ready(runs, joining):
            cluster = joining.cluster.obj
            where = "spec.connection.kubeconfig"
            yield Finding(
                id="token-kubeconfig",
                severity=Severity.WARNING,
                title=f"The kubeconfig of {cluster.name} has no client certificate, and KubeSphere {runs} asks for one",
                evidence=(Evidence(facts.host.name, cluster.title, where, "no client-certificate-data"),),
                next="kubefed joins the member, but its Cluster never gets a status, and is never ready.",
                cure=CURE.format(cluster.name),
            )


def never_ready(version: str, joining: MemberJoin) -> bool:
    """Whether KubeSphere of this version never reports the member as ready.

    From v3.3.0 to v3.3.2 it reads when the client certificate expires, treats a missing one as an error, and ends
    before it writes the status (kubesphere v3.3.2, pkg/controller/cluster/cluster_controller.go,
    parseKubeConfigExpirationDate and syncCluster; fixed in v3.4.0).
    """
    return not joining.certified and version_number(version)[:2] == (3, 3)
