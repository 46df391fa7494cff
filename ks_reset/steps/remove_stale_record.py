"""Delete just the KubeFedCluster that reaches the same cluster as another one, and the Secret it names."""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.model import Obj, Options, World
from ks_reset.steps.step import Ground, Removal, Step

WHY = "Two records on one cluster make kubefed delete through the one what it makes through the other."


def stale_records(host: World, options: Options) -> list[Obj]:
    """The stale record of each group that shares a cluster, where facts or the operator tell which it is."""
    chosen = [federation.stale(host, group, options.records) for group in federation.shared(host)]
    found = [host.get(federation.RECORD, d.record, d.namespace) for d in chosen if d]
    return [record for record in found if record]


def removes(world: World, ground: Ground) -> Iterable[Removal]:
    if world is not ground.facts.host:
        return
    for record in stale_records(world, ground.options):
        yield Removal(record, "another record reaches the same cluster")
        secret = federation.secret_of(world, record)
        if secret and federation.only_user(world, record, secret):
            yield Removal(secret, f"the credentials of the stale record {record.name} alone", record.uid)


STEP = Step("remove-stale-record", WHY, after=("pause-federation", "prove-paused"), removes=removes)
