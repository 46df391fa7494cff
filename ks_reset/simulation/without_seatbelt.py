"""Losses once a seatbelt comes off, and the playbooks that prevent them."""

import shlex
from collections.abc import Collection, Iterable, Sequence

from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY, NAMESPACE_KEY
from ks_reset.errors import Refused
from ks_reset.facts import federation
from ks_reset.model import FleetFacts
from ks_reset.simulation.chains import Consequence, as_numbered_lines
from ks_reset.simulation.cures import without_ties
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.state import State
from ks_reset.simulation.threats import Danger, as_sentences, losses_by_time, losses_from


def losses_without_seatbelt(facts: FleetFacts, clusters: Collection[str]) -> list[Danger]:
    """Users' objects lost on these clusters, by identity, once no seatbelt denies their deletion.

    An object lost as early under a seatbelt is left out: the seatbelt does not keep it. Such are the end of a deletion
    under way, and dependents of a kind no seatbelt denies the deletion of.
    """
    dangers = [
        (when, subject, consequence)
        for when, losses in losses_by_time(facts).items()
        for subject, consequence in losses
        if subject.id.cluster in clusters
    ]
    anyway = _lost_under_seatbelt(facts) if dangers else {}
    return [danger for danger in dangers if (danger[1].id.cluster, danger[1].uid) not in anyway[danger[0]]]


def _lost_under_seatbelt(facts: FleetFacts) -> dict[str, set[tuple[str, str]]]:
    """By time, the users' objects lost until then though every cluster has a seatbelt on, by cluster and UID."""
    belted = State.of(facts).with_seatbelt_on(frozenset(world.identity for world in facts.clusters))
    lost: set[tuple[str, str]] = set()
    by_time: dict[str, set[tuple[str, str]]] = {}
    for when, losses in losses_from(belted).items():
        lost |= {(subject.id.cluster, subject.uid) for subject, _ in losses}
        by_time[when] = set(lost)
    return by_time


def unaccepted_losses(dangers: Iterable[Danger], accepted: Collection[str]) -> list[Danger]:
    """The losses without an accepted namespace.

    A namespace stands for its contents, and for cluster-wide objects lost because of it, such as volumes.
    """
    return [danger for danger in dangers if not _homes_of(*danger[1:]) & set(accepted)]


def defusing_playbooks(facts: FleetFacts, dangers: Sequence[Danger]) -> list[str]:
    """The playbooks to apply first, in this order, as arguments of `ks-reset plan`; [] if none prevents a loss.

    Each is tried in the simulation: one alone if it prevents every loss, else both.
    """
    state = State.of(facts).with_seatbelt_on(frozenset())
    cured = state.with_changes((place, None) for place in _superfluous_records(state))
    untied = _without_all_ties(state, facts)
    lost = {(subject.id.cluster, subject.uid) for _, subject, _ in dangers}
    stale, defuse = _stale_record_arguments(facts), "defuse"
    if stale and lost and not _still_lost(cured, lost):
        return [stale]
    left = _still_lost(untied, lost)
    if lost and not left:
        return [defuse]
    if stale and len(_still_lost(_without_all_ties(cured, facts), lost)) < len(left):
        return [defuse, stale]
    return [defuse] if len(left) < len(lost) else []


def refuse_losses_without_seatbelt(
    facts: FleetFacts, clusters: Collection[str], accepted: Collection[str], flags: str, accept: str
) -> list[Danger]:
    """The accepted losses on these clusters.

    Raises Refused, with the chain and the commands that prevent the loss, if another object of a user would be lost.
    `flags` are those for the connection to this fleet; `accept` says where to put the flags that accept the losses.
    """
    dangers = losses_without_seatbelt(facts, clusters)
    unaccepted = unaccepted_losses(dangers, accepted)
    if not unaccepted:
        return dangers
    names = ", ".join(world.name for world in facts.clusters if world.identity in clusters)
    _, subject, consequence = min(unaccepted, key=lambda danger: danger[1].id.key != NAMESPACE_KEY)
    homes = sorted({min(_homes_of(subject, why)) for _, subject, why in unaccepted})
    meant = " ".join(f"--accept-loss {shlex.quote(home)}" for home in homes)
    raise Refused(
        f"The seatbelt of {names} stays on: it keeps what would be lost without it. {as_sentences(unaccepted)} "
        f"Lost: {_lost_by_cluster(unaccepted)}. "
        f"The chain that leads to the loss of {subject.id.title} on {consequence.cluster}:\n"
        f"{as_numbered_lines(consequence)}\n"
        f"{_first_commands(facts, unaccepted, flags)}\n"
        f"Then take it off with the same command again. If the loss is meant: {accept} {meant}"
    )


def _lost_by_cluster(dangers: Iterable[Danger]) -> str:
    """The namespaces, or names of cluster-wide objects, by cluster."""
    homes: dict[str, set[str]] = {}
    for _, subject, consequence in dangers:
        homes.setdefault(consequence.cluster, set()).add(min(_homes_of(subject, consequence)))
    return "; ".join(f"{', '.join(sorted(names))} on {cluster}" for cluster, names in sorted(homes.items()))


def _first_commands(facts: FleetFacts, dangers: Sequence[Danger], flags: str) -> str:
    books = defusing_playbooks(facts, dangers)
    if not books:
        return f"No playbook is known to prevent it. Find the cause: ks-reset doctor {flags}"
    lines = [
        f"  ks-reset plan {book} {flags} --out {book.partition(' ')[0]}.json\n"
        f"  ks-reset apply {book.partition(' ')[0]}.json {flags}"
        for book in books
    ]
    return "\n".join(("First prevent the loss:", *lines))


def _still_lost(state: State, lost: set[tuple[str, str]]) -> set[tuple[str, str]]:
    found = (subject for losses in losses_from(state).values() for subject, _ in losses)
    return {(subject.id.cluster, subject.uid) for subject in found} & lost


def _without_all_ties(state: State, facts: FleetFacts) -> State:
    """The state as the playbook defuse leaves it; the controllers it stops may run again."""
    losses = [loss for losses in losses_by_time(facts).values() for loss in losses]
    return state.with_changes((owned.id, without_ties(owned, consequence)) for owned, consequence in losses)


def _superfluous_records(state: State) -> Iterable[Id]:
    """The records deleted by stale-record; of an undecided group all but the first."""
    host = state.facts.host
    chosen = set()
    for group in federation.same_cluster_groups(host):
        stale = federation.stale_record(host, group)
        chosen |= {stale.record} if stale else {dial.record for dial in group.dials[1:]}
    return [record.id for record in state.of_kind(KUBEFED_CLUSTER_KEY) if record.id.name in chosen]


def _stale_record_arguments(facts: FleetFacts) -> str:
    """The arguments of `plan` to delete the superfluous records; "" if there is none.

    Where facts do not tell which of two is stale, the operator puts in its NAME; doctor names both.
    """
    groups = federation.same_cluster_groups(facts.host)
    unclear = [group for group in groups if federation.stale_record(facts.host, group) is None]
    return "stale-record --record NAME" if unclear else "stale-record" if groups else ""


def _homes_of(subject: SimObject, consequence: Consequence) -> set[str]:
    """The namespace an object is or is in; of a cluster-wide one its own name, and the namespaces in its chain."""
    if subject.id.key == NAMESPACE_KEY or subject.id.namespace:
        return {subject.id.namespace or subject.id.name}
    titles = [title.partition(" ") for link in consequence.chain for title in (link.object, link.cause)]
    homes = {place if key == NAMESPACE_KEY else place.rpartition("/")[0] for key, _, place in titles}
    return {subject.id.name} | homes - {""}
