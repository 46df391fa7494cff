"""Read facts again during a run: after each step the changed types, and everything once all controllers are quiet."""

from collections.abc import Callable
from functools import partial

from msgspec import structs

from ks_reset import facts as reading
from ks_reset import seatbelt
from ks_reset.apply.context import RunContext
from ks_reset.apply.parallel import at_once
from ks_reset.catalogue.names import API_SERVICE_KEY, CRD_KEY
from ks_reset.errors import Stale, Unknown
from ks_reset.facts.dead_backends import computed_gaps, gaps_beyond, idle_gaps, mended_gaps
from ks_reset.model import Action, ClusterFacts, Delete, Dial, Gap, Lasting, Reach, actions_by_cluster

WHOLE_SECONDS = 1.0
"""How old the facts of a cluster as a whole may be when a step begins."""
SERVING = (CRD_KEY, API_SERVICE_KEY)
"""The types whose objects decide which types are served."""


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
    read = _read_all(run, world, [])
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


def read_before(run: RunContext, actions: list[Action]) -> None:
    """Read what these actions rest on, before their step.

    An object may have got dependents of any type, so before a deletion all is read again, unless it was read within
    WHOLE_SECONDS. What was read or written since then is not read again: each request is bound to the version read.
    """
    readings: dict[str, Callable[[], ClusterFacts]] = {}
    for world, mine in _by_cluster(run, actions):
        if not run.is_whole(world.identity, WHOLE_SECONDS):
            deletes = any(isinstance(action, Delete) for action in mine)
            readings[world.identity] = partial(_read_all if deletes else _read_types, run, world, mine)
    replace_facts(run, readings)


def reread_touched(run: RunContext, actions: list[Action]) -> None:
    """Read the types of these actions again, after their step; everything, where a type is created or deleted."""
    readings: dict[str, Callable[[], ClusterFacts]] = {}
    for world, mine in _by_cluster(run, actions):
        served = any(action.kind.key in SERVING for action in mine)
        readings[world.identity] = partial(_read_all if served else _read_types, run, world, mine)
    replace_facts(run, readings)


def remaining_in(run: RunContext, step: str) -> list[Action]:
    """The remaining actions of a step. Raises Stale only from facts read as a whole just now.

    Facts of different moments may contradict each other: an object that went with its owner, and an owner read again.
    """
    try:
        return run.remaining_in(step)
    except Stale:
        read_everything(run)
        return run.remaining_in(step)


def _by_cluster(run: RunContext, actions: list[Action]) -> list[tuple[ClusterFacts, list[Action]]]:
    """The clusters with actions among these, each with its own."""
    mine = actions_by_cluster(actions)
    return [(world, mine[world.identity]) for world in run.facts.clusters if world.identity in mine]


def _read_all(run: RunContext, world: ClusterFacts, _: list[Action]) -> ClusterFacts:
    run.teller_of(world.identity)("reading everything")
    read = reading.reread_cluster(run.fleet.cluster(world.identity), world)
    run.note_whole(world.identity)
    return read


def _read_types(run: RunContext, world: ClusterFacts, actions: list[Action]) -> ClusterFacts:
    keys = {action.kind.key for action in actions if not isinstance(action, Lasting)}
    keys |= world.kinds.keys() & set(seatbelt.KINDS)
    return reading.refresh_types(run.fleet.cluster(world.identity), world, keys)


def replace_facts(run: RunContext, readings: dict[str, Callable[[], ClusterFacts]]) -> None:
    """Read all clusters at once and go on with these facts; a member not read is left behind with its earlier ones."""
    if not readings:
        return
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
