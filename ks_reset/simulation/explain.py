"""What would happen to one object and why: as things stand or after events; and what blocks its deletion."""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from ks_reset.catalogue.names import KUBEFED_MANAGED_LABEL, WORKSPACE_LABEL
from ks_reset.catalogue.ownership import is_users
from ks_reset.facts import federation
from ks_reset.model import FleetFacts, Obj, Outcome
from ks_reset.simulation.actors import garbage_collector, ks_controller_manager, kubefed, manager_version
from ks_reset.simulation.api_server import reason_refused
from ks_reset.simulation.blockers import Blocker, agent_words, blockers_of
from ks_reset.simulation.chains import Consequence, consequences_of, lost_objects
from ks_reset.simulation.cures import find_cures
from ks_reset.simulation.events import as_clause, trace_events
from ks_reset.simulation.move import Effect
from ks_reset.simulation.objects import Id, OwnerRef, SimObject
from ks_reset.simulation.run import Trace
from ks_reset.simulation.state import State
from ks_reset.simulation.verdict import (
    consequences_for,
    fatal_events,
    remaining_blockers,
    verdict_after,
    verdict_on,
)

STAYS = "Not as things stand: no controller that is known to run deletes or changes it."
STAYS_AFTER = "Not by that: no controller that is known to run then deletes or changes it."


class Mark(Struct, frozen=True):
    """A label, owner or finalizer a controller acts on, and its meaning."""

    field: str
    value: str
    means: str


class Loss(Struct, frozen=True):
    """Another lost object. `protected`: it is a user's. `through`: the explained object is in its chain."""

    cluster: str
    object: str
    protected: bool
    through: bool


class Explanation(Struct, frozen=True):
    """`verdict` is one of VERDICTS; `again` says that an object of the same name is created, with a new UID.

    `fates` are the consequences with their chains, `holds` the blockers of a deletion, `also` the other losses by the
    same event (`counts` by kind), `sooner` says when. `unknown` lists gaps of the facts: they may change all of this.
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


def explain_object(facts: FleetFacts, cluster: str, obj: Obj, events: Sequence[str] = ()) -> Explanation:
    """The explanation of an object of the cluster with this identity.

    Raises Usage for unknown words, and for an event these clusters cannot have.
    """
    before = State.of(facts)
    subject = before.objects[Id(cluster, obj.kind.key, obj.namespace, obj.name)]
    trace = trace_events(before, subject, events)
    consequences, verdict = consequences_for(trace, subject), verdict_on(trace, subject)
    blockers = remaining_blockers(trace, subject)
    coming = [] if events or verdict in ("changed", "lost") else fatal_events(before, subject)
    also = tuple(_other_losses(trace, subject, consequences, bool(events)))
    cures = find_cures(before, subject, events or (coming[0] if coming else ()), blockers)
    return Explanation(
        object=subject.id.title,
        cluster=before.cluster_facts(cluster).name,
        host=facts.host.name,
        state=f"Terminating since {obj.meta['deletionTimestamp']}" if obj.deleting else "Active",
        events=tuple(events),
        verdict=verdict,
        again=any(t.place == subject.id and t.deed is Effect.MAKES for t in trace.transitions),
        marks=tuple(_decisive_marks(before, subject)),
        holds=tuple(blockers),
        fates=consequences,
        counts=dict(Counter(loss.object.partition(" ")[0] for loss in also).most_common()),
        also=also,
        sooner=_when(trace, subject, events, coming),
        cure=tuple(dict.fromkeys(cures)),
        unknown=tuple(_gaps(facts, trace, subject)),
    )


def _decisive_marks(state: State, subject: SimObject) -> Iterable[Mark]:
    for key, value in subject.labels:
        if meaning := _label_meaning(state, subject, key, value):
            yield Mark(f"metadata.labels[{key}]", value, meaning)
    for tie in subject.owners:
        value = f"{tie.key} {tie.name} (UID {tie.uid})"
        yield Mark("metadata.ownerReferences", value, _owner_status(state, subject, tie))
    for blocker in blockers_of(state, subject, 1):
        field, _, value = blocker.what.partition(" ")
        if field == "finalizer":
            yield Mark("metadata.finalizers", value, _finalizer_meaning(blocker))
        elif not blocker.runs and field == "spec.finalizers":
            yield Mark(field, value, _spec_finalizer_meaning(blocker))


def _spec_finalizer_meaning(blocker: Blocker) -> str:
    """An entry of others keeps the namespace alone; without any entry the contents stay as well."""
    if blocker.who == "nobody":
        return "once deleted it stays in Terminating, and nothing deletes its contents"
    return f"once deleted its contents go, and it stays in Terminating until {agent_words(blocker.who)} takes this off"


def _finalizer_meaning(blocker: Blocker) -> str:
    if blocker.who == "nobody":
        return "holds a deletion, and nobody takes it off"
    runs = "" if blocker.runs else ", which is not known to run,"
    return f"holds a deletion until {agent_words(blocker.who)}{runs} takes it off"


def _label_meaning(state: State, subject: SimObject, key: str, value: str) -> str:
    """What a controller makes of the label, and whether it runs now; "" for a label without a meaning.

    kubefed.io/managed has a meaning with two values alone (kubefed v0.8.1, pkg/controller/util/managedlabel.go).
    """
    if key == KUBEFED_MANAGED_LABEL and value in ("true", "false"):
        runs = "" if kubefed.is_running(state) else ", which does not run now,"
        if value == "true":
            return f"kubefed{runs} takes it for its own, and deletes it wherever it is not placed"
        return f"kubefed{runs} leaves it alone: it neither adopts nor deletes it"
    if key != WORKSPACE_LABEL:
        return ""
    manager, cluster = ks_controller_manager.ACTOR, subject.id.cluster
    if cluster not in manager_version.running_clusters(state):
        return f"{manager}, which does not run here now, binds it to the Workspace of this name"
    if not manager_version.may_set_owner(state, cluster):
        return f"{manager} counts it among those of the Workspace of this name, and makes no owner of that"
    return f"{manager} makes the Workspace of this name its owner"


def _owner_status(state: State, subject: SimObject, tie: OwnerRef) -> str:
    if not state.served_kind(subject.id.cluster, tie.key):
        return "its type is not served: the garbage collector retries, and decides once it is served"
    owner = state.owner_of(subject, tie)
    if not owner or owner.uid != tie.uid:
        return "no object has that UID"
    return "that owner is being deleted" if owner.deleting else "that owner exists"


def _other_losses(
    trace: Trace, subject: SimObject, consequences: Iterable[Consequence], supposed: bool
) -> Iterable[Loss]:
    """With an event the losses it adds; without, the losses with the object or one of its links in their chain."""
    before = trace.before
    chains = {other.id: consequence.chain for other, consequence in consequences_of(trace)}
    names = {world.identity: world.name for world in before.facts.clusters}
    anyway = {s.id for s in lost_objects(before, trace_events(before, subject, ()).after)} if supposed else set()
    links = {link for consequence in consequences for link in consequence.chain}
    for other in lost_objects(before, trace.after):
        chain = chains[other.id]
        objects = ((link.cluster, title) for link in chain for title in (link.object, link.cause))
        through = (names[subject.id.cluster], subject.id.title) in objects
        if other.id not in anyway | {subject.id} and (supposed or through or links & set(chain)):
            of_users = is_users(other.obj, before.cluster_facts(other.id.cluster))
            yield Loss(names[other.id.cluster], other.id.title, of_users, through)


def _when(trace: Trace, subject: SimObject, events: Sequence[str], coming: Sequence[Sequence[str]]) -> str:
    """When the outcome happens, or after which coming events, as a sentence."""
    verdict, consequences = verdict_on(trace, subject), consequences_for(trace, subject)
    conditions = ", or ".join(as_clause(texts) for texts in coming)
    if verdict == "stuck":
        released = all(blocker.runs for blocker in remaining_blockers(trace, subject))
        when = "It goes once nothing holds it any more" if released else "Never by itself"
        return f"{when}{(', or as soon as ' if released else ', but as soon as ') if conditions else ''}{conditions}."
    if verdict == "stays":
        if refused := [c.detail for c in consequences if c.fate is Outcome.REFUSED]:
            return f"Not as long as the API server refuses it: {', '.join(refused)}."
        lost_later = f"Not as things stand; but it is lost as soon as {conditions}."
        return lost_later if conditions else STAYS_AFTER if set(events) - {"nothing"} else STAYS
    if events and verdict_after(trace.before, subject, ()) != verdict:
        missing = " and ".join(dict.fromkeys(_unmet_conditions(trace.before, subject, consequences)))
        return f"As soon as {as_clause(events)}{missing and ': now '}{missing}."
    if shields := ", ".join(dict.fromkeys(_shields(trace, consequences))):
        return f"As soon as the API server no longer refuses it ({shields}): everything else in the chain runs now."
    return "Immediately: everything that acts in the chain runs now."


def _shields(trace: Trace, consequences: Iterable[Consequence]) -> Iterable[str]:
    """Why the API server refuses at present what happens in the chains."""
    before, links = trace.before, {link for consequence in consequences for link in consequence.chain}
    deleted = {(link.cluster, link.object) for link in links if link.deed == Effect.DELETES}
    for move in trace.transitions:
        subject = before.objects.get(move.place)
        if subject and (before.cluster_facts(subject.id.cluster).name, subject.id.title) in deleted:
            yield from filter(None, (reason_refused(before, subject),))


def _unmet_conditions(before: State, subject: SimObject, consequences: Iterable[Consequence]) -> Iterable[str]:
    """The conditions of the chain the present state does not meet."""
    identities = {world.name: world.identity for world in before.facts.clusters}
    managed = manager_version.running_clusters(before)
    for link in (link for consequence in consequences for link in consequence.chain):
        if link.actor == kubefed.ACTOR and not kubefed.is_running(before):
            yield "kubefed does not run"
        if link.actor == ks_controller_manager.ACTOR and identities[link.cluster] not in managed:
            yield f"ks-controller-manager does not run on {link.cluster}"
        if link.actor == garbage_collector.ACTOR and link.object == subject.id.title:
            unserved = [tie.key for tie in subject.owners if not before.served_kind(subject.id.cluster, tie.key)]
            yield from (f"the type {key} is not served" for key in unserved)


def _gaps(facts: FleetFacts, trace: Trace, subject: SimObject) -> Iterable[str]:
    """The gaps of the facts; where kubefed acts on the object, also the records of an unknown cluster."""
    for world in facts.clusters:
        yield from (f"{world.name}: {gap.what}: {gap.why}" for gap in world.gaps)
    by_kubefed = any(transition.actor == kubefed.ACTOR for transition in trace.transitions)
    parents = trace.before.with_parents(subject)
    if by_kubefed or any(parent.label_value(KUBEFED_MANAGED_LABEL) == "true" for parent in parents):
        for dial in federation.records_of_unknown_cluster(facts.host):
            yield f"{facts.host.name}: what the record {dial.record} reaches: {dial.reach}"
