"""What would happen to one object, and why: if nothing is done, or an event comes; and what holds it if it is going."""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct, structs

from ks_reset import catalogue
from ks_reset.catalogue.marks import MANAGED
from ks_reset.catalogue.ownership import protected
from ks_reset.errors import Usage
from ks_reset.facts import federation
from ks_reset.facts.workspaces import LABEL
from ks_reset.model import FleetFacts, Obj
from ks_reset.simulation.actors import garbage_collector, ks_controller_manager, kubefed
from ks_reset.simulation.blockers import SERVER, Blocker, holds
from ks_reset.simulation.chains import Consequence, Outcome, chain, effects, lost
from ks_reset.simulation.events import clause, suppose
from ks_reset.simulation.move import Effect
from ks_reset.simulation.objects import Id, OwnerRef, SimObject
from ks_reset.simulation.run import Trace
from ks_reset.simulation.state import State
from ks_reset.simulation.threats import in_danger, threats

VERDICTS = ("stays", "changed", "stuck", "lost")  # from good to bad
RESTARTS = ("kubefed restarts", "ks-controller-manager restarts")
COMING: tuple[tuple[str, ...], ...] = (*((text,) for text in RESTARTS), RESTARTS, ("KubeSphere is installed again",))
"""What is looked for if nothing happens as things stand."""
MEANS = {
    LABEL: "ks-controller-manager makes the Workspace of this name its owner",
    MANAGED: "kubefed takes it for its own, and deletes it wherever it is not placed",
}


class Mark(Struct, frozen=True):
    """A label, owner or finalizer that decides something, and what it means."""

    field: str
    value: str
    means: str


class Loss(Struct, frozen=True):
    """Something else that is lost. `protected`: it is a user's. `through`: by way of the object that was asked for."""

    cluster: str
    object: str
    protected: bool
    through: bool


class Explanation(Struct, frozen=True):
    """`verdict` is one of VERDICTS; `again` says that an object of its name is made anew, with a new UID.

    `fates` have the chains, `holds` what a deletion waits for, `also` what else is lost (`counts` by kind) by the same
    event; `unknown` is what could not be read and may change all of that.
    """

    object: str
    cluster: str
    host: str
    state: str
    events: tuple[str, ...]
    verdict: str
    again: bool
    marks: tuple[Mark, ...]
    holds: tuple[Blocker, ...]
    fates: tuple[Consequence, ...]
    counts: dict[str, int]
    also: tuple[Loss, ...]
    sooner: str
    cure: tuple[str, ...]
    unknown: tuple[str, ...]


def explain(facts: FleetFacts, cluster: str, obj: Obj, events: Sequence[str] = ()) -> Explanation:
    """All that is to be said of an object of a cluster, by identity. Raises Usage for an event that it cannot have."""
    before = State.of(facts)
    subject = before.things[Id(cluster, obj.kind.key, obj.namespace, obj.name)]
    story = suppose(before, subject, events)
    fates, held, verdict = _fates(story, subject), _held(story, subject), _verdict(story, subject)
    coming = [] if events or verdict in ("changed", "lost") else _coming(before, subject)
    also = tuple(_also(story, subject, fates, bool(events)))
    return Explanation(
        object=subject.id.title,
        cluster=before.world(cluster).name,
        host=facts.host.name,
        state=f"Terminating since {obj.meta['deletionTimestamp']}" if obj.deleting else "Active",
        events=tuple(events),
        verdict=verdict,
        again=any(move.place == subject.id and move.deed is Effect.MAKES for move in story.moves),
        marks=tuple(_marks(before, subject)),
        holds=tuple(held),
        fates=fates,
        counts=dict(Counter(loss.object.partition(" ")[0] for loss in also).most_common()),
        also=also,
        sooner=_sooner(story, subject, events, coming),
        cure=tuple(dict.fromkeys(_cures(before, subject, events or (coming[0] if coming else ()), held))),
        unknown=tuple(_unknown(facts, story, subject)),
    )


def _fates(story: Trace, subject: SimObject) -> tuple[Consequence, ...]:
    """What becomes of it; of several changes the chain of the last, which the earlier ones led to."""
    names = {world.identity: world.name for world in story.before.facts.clusters}
    done = [i for i, move in enumerate(story.moves) if move.place == subject.id and not move.refused]

    def whole(effect: Consequence) -> Consequence:
        changed = effect.fate is Outcome.CHANGED
        return structs.replace(effect, chain=chain(story.moves, done[-1], names)) if changed else effect

    return tuple(whole(effect) for thing, effect in effects(story) if thing.id == subject.id)


def _verdict(story: Trace, subject: SimObject) -> str:
    now = story.after.things.get(subject.id)
    if now is None or now.uid != subject.uid:
        return "stuck" if _held(story, subject) else "lost"
    return "stuck" if now.deleting else "stays" if now == subject else "changed"


def _held(story: Trace, subject: SimObject) -> list[Blocker]:
    """What holds it once every controller has done its part; and what the controllers of the model do not stop at."""
    now = story.after.things.get(subject.id)
    if now and now.uid == subject.uid:
        return holds(story.after, now) if now.deleting else []
    found = holds(story.before, subject) if subject.deleting else []
    return [hold for hold in found if hold.who == SERVER and not hold.runs]


def _marks(state: State, each: SimObject) -> Iterable[Mark]:
    for key, value in each.labels:
        if key in MEANS:
            yield Mark(f"metadata.labels[{key}]", value, MEANS[key])
    for tie in each.owners:
        yield Mark("metadata.ownerReferences", f"{tie.key} {tie.name} (UID {tie.uid})", _owner(state, each, tie))
    for hold in holds(state, each, 1):
        field, _, value = hold.what.partition(" ")
        if field == "finalizer":
            runs = "" if hold.runs else "; nothing that does so is known to run"
            yield Mark("metadata.finalizers", value, f"{hold.who} takes it off{runs}")
        elif not hold.runs and field == "spec.finalizers":
            yield Mark(field, value, "once deleted it stays in Terminating, and nothing empties it")


def _owner(state: State, each: SimObject, tie: OwnerRef) -> str:
    if not state.kind(each.id.cluster, tie.key):
        return "its type is not served, so the garbage collector only tries again; once it is served, it looks"
    owner = state.owner(each, tie)
    if not owner or owner.uid != tie.uid:
        return "no object has that UID"
    return "that owner is being deleted" if owner.deleting else "that owner is there"


def _also(story: Trace, subject: SimObject, fates: Iterable[Consequence], supposed: bool) -> Iterable[Loss]:
    """Without an event only what shares a cause with it; with one, what would not be lost without."""
    told = {thing.id: effect for thing, effect in effects(story)}
    anyway = {t.id for t in lost(story.before, suppose(story.before, subject, ()).after)} if supposed else set()
    links = {link for effect in fates for link in effect.chain}
    here = (story.before.world(subject.id.cluster).name, subject.id.title)
    for each in lost(story.before, story.after):
        ways = told[each.id].chain
        through = any((link.cluster, title) == here for link in ways for title in (link.object, link.cause))
        if each.id not in anyway | {subject.id} and (supposed or through or links & set(ways)):
            yield Loss(told[each.id].cluster, each.id.title, protected(each.obj), through)


def _coming(before: State, subject: SimObject) -> list[tuple[str, ...]]:
    """Events that it would not survive, of those that may come any day; the simplest that say it all."""
    found = [events for events in COMING if _supposed(before, subject, events) == "lost"]
    return [events for events in found if len(events) == 1] or found


def _supposed(before: State, subject: SimObject, events: Sequence[str]) -> str:
    try:
        return _verdict(suppose(before, before.things[subject.id], events), subject)
    except Usage:  # there is no such controller here
        return "stays"


def _sooner(story: Trace, subject: SimObject, events: Sequence[str], coming: Sequence[Sequence[str]]) -> str:
    verdict, fates = _verdict(story, subject), _fates(story, subject)
    ifs = ", or ".join(clause(each) for each in coming)
    if verdict == "stuck":
        when = "It goes once what holds it has" if all(h.runs for h in _held(story, subject)) else "Never by itself"
        return f"{when}{', but as soon as ' if ifs else ''}{ifs}."
    if verdict == "stays":
        if refused := [effect.detail for effect in fates if effect.fate is Outcome.REFUSED]:
            return f"Not as long as the API server refuses it: {', '.join(refused)}."
        return f"Not as things stand; but it is lost as soon as {ifs}." if ifs else "Nothing that is known acts on it."
    if events and _supposed(story.before, subject, ()) != verdict:
        waits = " and ".join(dict.fromkeys(_waits(story.before, subject, fates)))
        return f"As soon as {clause(events)}{waits and ': now '}{waits}."
    return "Immediately: everything that acts in the chain runs now."


def _waits(before: State, subject: SimObject, fates: Iterable[Consequence]) -> Iterable[str]:
    """What the chain needs that is not so now."""
    names = {world.name: world.identity for world in before.facts.clusters}
    for link in (link for effect in fates for link in effect.chain):
        if link.actor == kubefed.ACTOR and not kubefed.runs(before):
            yield "kubefed does not run"
        if link.actor == ks_controller_manager.ACTOR and names[link.cluster] not in ks_controller_manager.clusters(
            before
        ):
            yield f"ks-controller-manager does not run on {link.cluster}"
        if link.actor == garbage_collector.ACTOR and link.object == subject.id.title:
            gone = [tie.key for tie in subject.owners if not before.kind(subject.id.cluster, tie.key)]
            yield from (f"the type {key} is not served" for key in gone)


def _cures(before: State, subject: SimObject, events: Sequence[str], held: Sequence[Blocker]) -> Iterable[str]:
    """The playbooks that would help, then what lets go of what is held."""
    if _supposed(before, subject, events) in ("stuck", "lost"):
        yield from (said for said, state in _playbooks(before) if _supposed(state, subject, events) in VERDICTS[:2])
    danger = [d for title in {hold.object for hold in held} for d in in_danger(before.facts, title)]
    if tied := [thing for _, thing, effect in danger if _cut(thing, effect) != thing]:
        yield f"First ks-reset plan defuse -o plan.json: {len(tied)} object(s) of users go with it once it is let go."
    for hold in held:
        if not hold.runs or hold.who == SERVER:
            yield f"{hold.object} ({hold.what}): {hold.release}{': ' if hold.command else '.'}{hold.command}"


def _playbooks(before: State) -> Iterable[tuple[str, State]]:
    """What each would leave behind, to be tried out on the model."""
    facts = before.facts
    for group in federation.shared(facts.host):
        stale = federation.stale(facts.host, group)
        for dial in (stale,) if stale else group.dials:
            gone = [(r.id, None) for r in before.by_key[federation.RECORD] if r.id.name == dial.record]
            plan = f"ks-reset plan stale-record{'' if stale else f' --record {dial.record}'} -o plan.json"
            yield f"{plan}: without the record {dial.record} it stays.", before.put(gone)
    cut = [(thing.id, _cut(thing, effect)) for found in threats(facts).values() for thing, effect in found]
    yield "ks-reset plan defuse -o plan.json: with the ties cut that would take it along, it stays.", before.put(cut)
    belted = before.belt(frozenset(world.identity for world in facts.clusters))
    yield "ks-reset protect on: then the API server refuses the deletion, whoever asks for it.", belted


def _cut(thing: SimObject, effect: Consequence) -> SimObject:
    """As the step cut-ties leaves it."""
    cut = thing.without_owners(*(tie.uid for tie in thing.owners if catalogue.own_group(tie.key.partition(".")[2])))
    return cut.without_label(MANAGED) if effect.chain[-1].actor == kubefed.ACTOR else cut


def _unknown(facts: FleetFacts, story: Trace, subject: SimObject) -> Iterable[str]:
    """What could not be read; also what records reach of which nobody knows it, where kubefed has to do with it."""
    for world in facts.clusters:
        yield from (f"{world.name}: {gap.what}: {gap.why}" for gap in world.gaps)
    by_kubefed = any(move.actor == kubefed.ACTOR for move in story.moves)
    if by_kubefed or any(each.label(MANAGED) for each in story.before.above(subject)):
        for dial in federation.unknown(facts.host):
            yield f"{facts.host.name}: what the record {dial.record} reaches: {dial.reach}"
