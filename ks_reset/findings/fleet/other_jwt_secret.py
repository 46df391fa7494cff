"""A member whose jwtSecret is not the host's refuses every token that the host issues: each page of it stays empty.

ks-installer v3.3.1, roles/ks-core/config, and kubesphere v3.3.1, pkg/apiserver/authentication/options.go.
"""

from collections.abc import Iterable

from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity

WHERE = "ConfigMap kubesphere-system/kubesphere-config"


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for world in facts.members:
        if world.jwt and facts.host.jwt and world.jwt != facts.host.jwt:
            yield Finding(
                id="other-jwt-secret",
                severity=Severity.WARNING,
                title=f"The jwtSecret of {world.name} is not the host's",
                evidence=(Evidence(world.name, WHERE, "authentication.jwtSecret", "differs, compared by hash"),),
                next="The member refuses the tokens that the host issues, also after a new join.",
                cure="Give the member the host's jwtSecret before a join (ClusterConfiguration ks-installer).",
            )
