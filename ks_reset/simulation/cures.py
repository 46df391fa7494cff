"""What keeps an object, or releases a stuck one: playbooks tried out in the simulation, then commands."""

from collections.abc import Iterable, Sequence

from ks_reset.catalogue.names import KUBEFED_CLUSTER_KEY
from ks_reset.facts import federation
from ks_reset.simulation.blockers import SERVER, Blocker
from ks_reset.simulation.chains import Consequence
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.state import State
from ks_reset.simulation.threats import losses_by_time, losses_by_way_of, threatening_marks
from ks_reset.simulation.verdict import VERDICTS, verdict_after


def find_cures(before: State, subject: SimObject, events: Sequence[str], blockers: Sequence[Blocker]) -> Iterable[str]:
    """The playbooks keeping the object after these events, then the condition and the command for each blocker."""
    if verdict_after(before, subject, events) in ("stuck", "lost"):
        for text, state in _playbook_results(before):
            if verdict_after(state, subject, events) in VERDICTS[:2]:
                yield text
    titles = {blocker.object for blocker in blockers}
    dangers = [danger for title in titles for danger in losses_by_way_of(before.facts, title)]
    if tied := [owned for _, owned, consequence in dangers if without_ties(owned, consequence) != owned]:
        objects = f"{len(tied)} object(s) of users"
        yield f"First ks-reset plan defuse --out plan.json: {objects} go with it once it is let go."
    for blocker in blockers:
        if not blocker.runs or blocker.who == SERVER:
            command = f": {blocker.command}" if blocker.command else "."
            yield f"{blocker.object} ({blocker.what}): {blocker.release}{command}"


def _playbook_results(before: State) -> Iterable[tuple[str, State]]:
    """The command of each playbook that may help, with the state it would leave."""
    facts = before.facts
    for group in federation.same_cluster_groups(facts.host):
        stale = federation.stale_record(facts.host, group)
        for dial in (stale,) if stale else group.dials:
            removed = [(r.id, None) for r in before.of_kind(KUBEFED_CLUSTER_KEY) if r.id.name == dial.record]
            plan = f"ks-reset plan stale-record{'' if stale else f' --record {dial.record}'} --out plan.json"
            yield f"{plan}: without the record {dial.record} it stays.", before.with_changes(removed)
    losses = [loss for losses in losses_by_time(facts).values() for loss in losses]
    untied = [(owned.id, without_ties(owned, consequence)) for owned, consequence in losses]
    yield (
        "ks-reset plan defuse --out plan.json: without the ties that lead to its loss it stays.",
        before.with_changes(untied),
    )
    belted = before.with_seatbelt_on(frozenset(world.identity for world in facts.clusters))
    yield "ks-reset protect on: then the API server refuses the deletion to every client.", belted


def without_ties(subject: SimObject, consequence: Consequence) -> SimObject:
    """The object as the step cut-ties leaves it."""
    marks = threatening_marks(subject, consequence)
    untied = subject.without_owners(*(reference["uid"] for reference in marks.owners))
    for label in marks.labels:
        untied = untied.without_label(label)
    return untied
