"""Prove that kubefed is quiet: no pods, and no renewal of its leader-election lock for longer than a lease."""

from collections.abc import Iterable

from ks_reset.facts.controllers import kubefeds, quiet
from ks_reset.model import Action
from ks_reset.steps.remove_stale_record import stale_records
from ks_reset.steps.step import Ground, Step

WHY = "A second kubefed elsewhere would still renew the lock, and react."


def actions(ground: Ground) -> Iterable[Action]:
    host = ground.facts.host
    if stale_records(host, ground.options):
        yield from quiet(STEP.name, host, kubefeds(host), "its lock must stand still for longer than its lease")


STEP = Step("prove-kubefed-quiet", WHY, after=("stop-kubefed",), actions=actions)
