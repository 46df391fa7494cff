"""Objects labelled kubefed.io/managed on a cluster that no kubefed looks after any more.

The next host that joins this cluster takes them for its own and deletes what it does not place there (kubesphere
issue 3169, fixed for Workspaces alone in kubesphere pull request 3206).
"""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Reach, Severity

MANAGED = "kubefed.io/managed"


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    if any(dial.reach is not Reach.REACHED for dial in facts.host.dials):
        return  # where a record leads is unknown, so nobody can say that none leads here
    for world in facts.clusters:
        marked = [o for o in world.all() if o.labels.get(MANAGED) == "true"]
        if not marked or federation.records_of(facts, world):
            continue
        yield Finding(
            id="managed-without-host",
            severity=Severity.WARNING,
            title=f"{len(marked)} object(s) of {world.name} are marked as kubefed's, and no record reaches it",
            evidence=tuple(Evidence(world.name, o.title, f"metadata.labels[{MANAGED}]", "true") for o in marked[:20]),
            next="The next host that joins this cluster deletes those that it does not place here.",
            cure="ks-reset plan adopt-member takes the labels off, as uninstall does; do not join it before that.",
        )
