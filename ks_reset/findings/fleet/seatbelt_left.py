"""A seatbelt is on, complete or in part: users cannot delete the objects under it."""

from collections.abc import Callable, Iterable
from functools import cache

from ks_reset import seatbelt
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, DIALS, EVERYTHING, Reads, anywhere, each
from ks_reset.findings.unknown_losses import unknown_for_losses
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity, Urgency
from ks_reset.simulation import as_sentences, defusing_playbooks, losses_without_seatbelt

ABOUT = About(Group.API, "No seatbelt is left", Urgency.STOPS)
READS = Reads(decided_by=each(*seatbelt.KINDS), worded_by=anywhere(EVERYTHING, ANY_LIST, DIALS))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    why = cache(lambda: unknown_for_losses(facts, options))  # asked once, as it asks for every cluster
    for cluster in facts.clusters:
        belt = seatbelt.present(cluster)
        if belt is None:
            continue
        complete = seatbelt.is_complete(cluster, belt)
        name = cluster.name
        broken = f"The seatbelt of {name} is broken: on in part, or changed by somebody"
        off = "ks-reset protect off" if belt.run == seatbelt.BY_HAND else _off_after(belt.run)
        refuses = "The API server refuses deletions of users' namespaces, claims, volumes and types until it is off."
        yield Finding(
            id="seatbelt-left",
            severity=Severity.WARNING,
            title=f"The seatbelt of {name} is on" if complete else broken,
            evidence=tuple(
                Evidence(cluster.name, part.title, f"metadata.annotations[{seatbelt.RUN}]", f"{belt.run}, by {belt.by}")
                for part in belt.parts
            ),
            next=refuses if complete else "Objects under it may be deleted all the same.",
            cure=_cure(facts, why, cluster, f"{off}."),
        )


def _off_after(run: str) -> str:
    """The seatbelt of a run comes off by that run; by hand only if nobody finishes it."""
    return f"If nobody finishes the run of {run} any more, turn it off: ks-reset protect off --force"


def _cure(facts: FleetFacts, unknown: Callable[[], str], cluster: ClusterFacts, off: str) -> str:
    """How to take the seatbelt off; where it prevents losses, the playbooks against these come first."""
    dangers = losses_without_seatbelt(facts, {cluster.identity})
    if not dangers and (why := unknown()):
        return f"Leave it on: what would be lost without it cannot be told. {why} Only then: {off}"
    if not dangers:
        return off
    off = f"{off[0].lower()}{off[1:]}"
    books = [(book, f"{book.partition(' ')[0]}.json") for book in defusing_playbooks(facts, dangers)]
    commands = [f"ks-reset plan {book} --out {file}; ks-reset apply {file}" for book, file in books]
    first = f"First: {'; '.join(commands)}. Only then: " if books else "Find the cause before: "
    return " ".join(("Leave it on.", as_sentences(dangers), f"{first}{off}"))
