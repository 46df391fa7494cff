"""A federated object is being deleted and its targets still exist: kubefed deletes them as soon as it runs.

kubefed v0.8.1, pkg/controller/sync/controller.go, ensureDeletion: the finalizer is removed once every target is gone.
"""

from collections.abc import Iterable

from ks_reset.facts.crds import federated, own_objects
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.simulation import in_danger, said


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    host = facts.host
    for obj in own_objects(host):
        if not (federated(obj) and obj.deleting):
            continue
        if danger := in_danger(facts, obj.title):
            yield Finding(
                id="terminating-federated",
                severity=Severity.CRITICAL,
                title=f"{obj.title} of {host.name} is being deleted, and would take {len(danger)} object(s) along",
                evidence=(
                    Evidence(host.name, obj.title, "metadata.deletionTimestamp", str(obj.meta["deletionTimestamp"])),
                    Evidence(host.name, obj.title, "metadata.finalizers", ", ".join(obj.finalizers)),
                ),
                next=said(danger),
                cure="ks-reset plan defuse -o plan.json; until then do not start kubefed.",
            )
