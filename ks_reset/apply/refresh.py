"""Read facts again during a run: after each step the changed types, and everything once all controllers are quiet."""

from collections.abc import Callable
from functools import partial

from msgspec import structs

from ks_reset import facts as reading
from ks_reset import seatbelt
from ks_reset.apply.context import RunContext
from ks_reset.apply.parallel import at_once
from ks_reset.catalogue.names import CRD_KEY
from ks_reset.errors import Unknown
from ks_reset.facts.dead_backends import computed_gaps, gaps_beyond, idle_gaps, mended_gaps
from ks_reset.model import Action, ClusterFacts, Delete, Dial, Gap, Lasting, Reach


def read_everything(run: RunContext) -> None:
    """Read all types of all clusters again, and dial the records."""
    replace_facts(run, {world.identity: partial(_read_everything, run, world) for world in run.facts.clusters})


def save_baseline(run: RunContext) -> None:
    """Read everything once the controllers are quiet, and save it: `verify` compares bystanders with this baseline.

    The plan is saved with it: on another machine, nothing else tells planned changes from others.
    An existing baseline is kept; a member missing in it is added.
    """
    read_everything(run)
    path = run.journal.baseline
    kept = reading.load_snapshot(path).clusters if path.exists() else ()
    have = {world.identity: world for world in kept}
    fresh = [have.get(w.identity, w) for w in run.facts.members if w.identity in have or w.identity not in run.lost]
    if len(fresh) + 1 > len(kept):
        host = have.get(run.facts.host.identity, run.facts.host)
        now = run.facts
        saved = reading.Baseline(now.tool, now.taken, host, tuple(fresh), now.missing, now.key, plans=(run.plan,))
        reading.save_snapshot(saved, path)


def _read_everything(run: RunContext, world: ClusterFacts) -> ClusterFacts:
    run.teller_of(world.identity)("reading everything")
    read = reading.reread_cluster(run.fleet.cluster(world.identity), world)
    return with_known_dials(run, world, reading.with_dials(run.fleet.host, read)) if world is run.facts.host else read


def with_known_dials(run: RunContext, before: ClusterFacts, now: ClusterFacts) -> ClusterFacts:
    """The host with its records dialled again; the dial of a silent member is the earlier one, if it was reached.

    Address and CA are the same, so the cluster behind the record is known from before; the member is left behind.
    """
    members = {world.identity for world in run.facts.members}
    reached = {(d.namespace, d.record, d.endpoint, d.ca): d for d in before.dials if d.identity in members}

    def known_as(dial: Dial) -> Dial:
        was = reached.get((dial.namespace, dial.record, dial.endpoint, dial.ca))
        if was is None or dial.reach is not Reach.UNREACHABLE:
            return dial
        run.leave_behind(
            was.identity, Unknown(f"Its record {dial.record} was reached before, and is not now: {dial.detail}.")
        )
        return was

    return structs.replace(now, dials=tuple(map(known_as, now.dials)))


def reread_touched(run: RunContext, actions: list[Action]) -> None:
    """Read the types of these actions again; everything, where an object is deleted or a type created."""
    touched = {world.identity: [a for a in actions if a.cluster == world.identity] for world in run.facts.clusters}
    replace_facts(run, {w.identity: partial(_reread_cluster, run, w, touched[w.identity]) for w in run.facts.clusters})


def _reread_cluster(run: RunContext, world: ClusterFacts, actions: list[Action]) -> ClusterFacts:
    cluster = run.fleet.cluster(world.identity)
    if not actions:
        return world
    if any(isinstance(a, Delete) or a.kind.key == CRD_KEY for a in actions):
        run.teller_of(world.identity)("reading everything")
        return reading.reread_cluster(cluster, world)
    keys = {a.kind.key for a in actions if not isinstance(a, Lasting)} | set(seatbelt.KINDS)
    return reading.reread_types(cluster, world, keys)


def replace_facts(run: RunContext, readings: dict[str, Callable[[], ClusterFacts]]) -> None:
    """Read all clusters at once and go on with these facts; a member not read is left behind with its earlier ones."""
    read = {world.identity: world for world in run.facts.clusters}

    def one(identity: str) -> None:
        world = readings[identity]()
        require_known(read[identity], world, gaps_to_pass(run, world))
        read[identity] = world

    at_once(run, {identity: partial(one, identity) for identity in readings if identity not in run.lost})
    host, members = read[run.facts.host.identity], tuple(read[w.identity] for w in run.facts.members)
    run.facts = structs.replace(run.facts, host=host, members=members)


def gaps_to_pass(run: RunContext, now: ClusterFacts) -> frozenset[Gap]:
    """The failed lists with which the run goes on; none where a label of kubefed's may be in them and stay."""
    is_left = now.name in run.plan.request.shared
    if run.playbook.scope == "member":
        is_left = not run.facts.members or now.identity != run.facts.host.identity
    if run.playbook.unmarks and is_left:
        return computed_gaps(now)
    return (mended_gaps if run.playbook.mends else idle_gaps)(now, run.plan.request)


def require_known(before: ClusterFacts, now: ClusterFacts, passed: frozenset[Gap] = frozenset()) -> None:
    """Raises Unknown for a failed list but these, or a record without an answer that was reached before.

    With unknown facts a plan would look finished.
    """
    if gaps := gaps_beyond(now, passed):
        raise Unknown(
            f"{len(gaps)} list(s) of {now.name} could not be read ({gaps[0].what}: {gaps[0].why}). ks-reset doctor "
            "names the cause and the way on; then run the same command again."
        )
    reached = {(d.namespace, d.record) for d in before.dials if d.reach is Reach.REACHED}
    for lost in now.dials:
        if (lost.namespace, lost.record) in reached and lost.reach is not Reach.REACHED:
            raise Unknown(f"The record {lost.record} was reached when the run began, and is not now: {lost.detail}.")
