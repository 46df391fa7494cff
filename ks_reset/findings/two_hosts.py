"""A member that several hosts have joined: each has an account with all rights on it, and each deletes what it marks.

The join makes ClusterRole kubefed-controller-manager:<cluster>-<host> on the member (kubesphere v3.3.1,
pkg/controller/cluster/join.go; kubefed v0.8.1, pkg/kubefedctl/join.go).
"""

from collections.abc import Iterable

from ks_reset.facts.joins import joins
from ks_reset.model import Evidence, Facts, Finding, Options, Severity


def check(facts: Facts, _: Options) -> Iterable[Finding]:
    for world in facts.worlds:
        found = joins(world)
        if len(found) > 1:
            names = " and ".join(join.account for join in found)
            yield Finding(
                id="two-hosts",
                severity=Severity.WARNING,
                title=f"{world.name} was joined {len(found)} times: {names}",
                evidence=tuple(
                    Evidence(world.name, join.role.title, "ServiceAccount", f"{join.namespace}/{join.account}")
                    for join in found
                ),
                next="Whichever of these hosts still runs deletes here what it does not place here and has marked.",
                cure="Find out which still run; ks-reset plan adopt-member takes off what a dead one left.",
            )
