"""A member that is to be joined by a token, by a KubeSphere that never says of such a member that it is ready."""

from collections.abc import Iterable

from ks_reset.facts.installation import version
from ks_reset.install.joining import CURE, never_ready
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    runs = version(facts.host)
    for each in options.material.joining:
        if never_ready(runs, each):
            name = each.cluster.obj.name
            where = "spec.connection.kubeconfig"
            yield Finding(
                id="token-kubeconfig",
                severity=Severity.WARNING,
                title=f"The kubeconfig of {name} has no client certificate, which KubeSphere {runs} asks for",
                evidence=(Evidence(facts.host.name, each.cluster.obj.title, where, "no client-certificate-data"),),
                next="kubefed joins the member, but its Cluster never gets a status, and is never ready.",
                cure=CURE,
                blocks=("rejoin",),
            )
