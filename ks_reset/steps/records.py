"""Delete just a KubeFedCluster that reaches the same cluster as another one, or is of no use, and the Secret it names.

Also Secrets with credentials that no record names, if the operator does.
"""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.facts.orphan_secrets import orphans
from ks_reset.model import ClusterFacts, Obj, Options
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "Two records on one cluster make kubefed delete through the one what it makes through the other."


def stale_records(host: ClusterFacts, options: Options) -> list[Obj]:
    """The stale record of each group that shares a cluster, where facts or the operator tell which it is.

    And those that the operator names and that are of no use by themselves.
    """
    groups = federation.shared(host)
    chosen = [federation.stale(host, group, options.records) for group in groups]
    together = {d.record for group in groups for d in group.dials}
    alone = [d for d in host.dials if d.record in options.records and d.record not in together]
    useless = [d for d in alone if federation.unfit(host, d)]
    found = [host.get(federation.RECORD, d.record, d.namespace) for d in (*chosen, *useless) if d]
    return [record for record in found if record]


def removes(world: ClusterFacts, ground: StepContext) -> Iterable[Removal]:
    if world is not ground.facts.host:
        return
    for record in stale_records(world, ground.options):
        yield Removal(record, _why(world, record))
        secret = federation.secret_of(world, record)
        if secret and federation.only_user(world, record, secret):
            yield Removal(secret, f"the credentials of the stale record {record.name} alone", record.uid)
    for secret in orphans(world):
        if secret.name in ground.options.records:
            yield Removal(secret, "credentials that no record names")


def _why(world: ClusterFacts, record: Obj) -> str:
    together = {d.record for group in federation.shared(world) for d in group.dials}
    if record.name in together:
        return "another record reaches the same cluster"
    return next((federation.unfit(world, dial) for dial in world.dials if dial.record == record.name), "")


STEP = Step("remove-stale-record", WHY, after=("pause-federation", "prove-paused"), removes=removes)
