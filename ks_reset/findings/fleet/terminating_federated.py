"""A federated object is being deleted and its targets still exist: kubefed deletes them as soon as it runs.

kubefed v0.8.1, pkg/controller/sync/controller.go, ensureDeletion: the finalizer is removed once every target is gone.
"""

from collections.abc import Iterable

from ks_reset.facts.crds import is_federated, own_objects
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import EVERYTHING, OWN_TYPES, Reads, anywhere, host
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity, Urgency
from ks_reset.simulation import as_sentences, losses_by_way_of

ABOUT = About(Group.FEDERATION, "No federated object in deletion has targets", Urgency.DATA)
READS = Reads(found_in=host(OWN_TYPES), decided_by=anywhere(EVERYTHING))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    host = facts.host
    for obj in own_objects(host):
        if not (is_federated(obj) and obj.deleting):
            continue
        if danger := losses_by_way_of(facts, obj.title):
            yield Finding(
                id="terminating-federated",
                severity=Severity.CRITICAL,
                title=f"{obj.title} of {host.name} is being deleted, and would take {len(danger)} object(s) along",
                evidence=(
                    Evidence(host.name, obj.title, "metadata.deletionTimestamp", str(obj.meta["deletionTimestamp"])),
                    Evidence(host.name, obj.title, "metadata.finalizers", ", ".join(obj.finalizers)),
                ),
                next=as_sentences(danger),
                cure="ks-reset plan defuse --out plan.json lets these objects stay when it goes. Do not start kubefed "
                "before that plan is applied.",
            )
