"""Read again what a run works on: after each step what that changed, and everything once nothing reacts any more."""

from msgspec import structs

from ks_reset import facts as reading
from ks_reset import protect
from ks_reset.apply.running import Run
from ks_reset.errors import Unknown
from ks_reset.model import Action, Facts, Reach, Verb


def seal(run: Run) -> None:
    """Once nothing reacts any more, read everything afresh: this is what bystanders are compared with afterwards."""
    move_on(run, reading.gather(run.fleet, run.tell))
    if not run.journal.baseline.exists():
        reading.save(run.facts, run.journal.baseline)


def reread(run: Run, actions: list[Action]) -> None:
    """Read again what these actions change; where something is deleted, everything, since anything may depend on it."""
    worlds = []
    for world in run.facts.worlds:
        mine = [a for a in actions if a.cluster == world.identity]
        keys = {a.kind.key for a in mine if a.verb is not Verb.WATCH} | (set(protect.KINDS) if mine else set())
        if any(a.verb is Verb.DELETE for a in mine):
            run.tell(f"reading {world.name}")
            worlds.append(reading.again(run.fleet.cluster(world.identity), world))
        else:
            worlds.append(reading.refresh(run.fleet.cluster(world.identity), world, keys) if keys else world)
    *members, host = worlds
    move_on(run, structs.replace(run.facts, host=host, members=tuple(members)))


def move_on(run: Run, facts: Facts) -> None:
    """Work on with newer facts. Raises Unknown if a list failed: what is not known would look like nothing to do."""
    gaps = [f"{gap.what} of {world.name}: {gap.why}" for world in facts.worlds for gap in world.gaps]
    if gaps:
        raise Unknown(f"{len(gaps)} list(s) could not be read ({gaps[0]}).")
    reached = {(d.namespace, d.record) for d in run.facts.host.dials if d.reach is Reach.REACHED}
    for lost in facts.host.dials:
        if (lost.namespace, lost.record) in reached and lost.reach is not Reach.REACHED:
            raise Unknown(f"The record {lost.record} was reached when the run began, and is not now: {lost.detail}.")
    run.facts = facts
