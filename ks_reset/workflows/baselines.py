"""The baselines `verify` compares with: the given one, or those kept by the last runs."""

from collections.abc import Iterable
from pathlib import Path

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.catalogue.names import NAMESPACE_KEY
from ks_reset.credentials.digests import way_to_key
from ks_reset.errors import Correction, Unknown, Usage, other_file
from ks_reset.facts import Baseline
from ks_reset.journal import runs_on, runs_since_baseline
from ks_reset.local import state_dir
from ks_reset.model import LIST_GAP, ClusterFacts, FleetFacts
from ks_reset.plan.file import digest_of

NAME = "baseline.json.gz"


def given_baseline(path: Path) -> Baseline:
    """The baseline in a file. Raises Usage if it is none, or damaged."""
    baseline = reading.load_baseline(path)
    if any(plan.digest != digest_of(plan) for plan in baseline.plans):
        raise Usage(
            f"The baseline {path} was changed after it was made: the digest of its plan does not fit.", other_file(path)
        )
    return baseline


def require_same_fleet(facts: FleetFacts, before: FleetFacts) -> None:
    """Raises Usage for a baseline without any of these clusters."""
    if not any(before.cluster(world.identity) for world in facts.clusters):
        raise Usage(
            f"The baseline is of another fleet: {_named(before.clusters)}. The clusters read are "
            f"{_named(facts.clusters)}. Give the baseline of these with --baseline, or name the others with --context "
            "and --member.",
            Correction("--baseline", "--baseline FILE"),
            Correction("--context", "--context CONTEXT"),
        )


def require_same_key(facts: FleetFacts, before: FleetFacts) -> None:
    """Raises Usage for a baseline whose digests were made with another key than those of the facts."""
    if before.key != facts.key:
        raise Usage(
            "The baseline was made with another key than the one in this state directory, or by a version of ks-reset "
            f"without keys. {way_to_key()}",
            Correction("", "KS_RESET_STATE=other-state"),
        )


def kept_baselines(facts: FleetFacts) -> tuple[FleetFacts | None, list[Path]]:
    """The baseline of the last run on the host, and the runs since; completed by those of members in runs of their own.

    Raises Unknown for a baseline that cannot be read.
    """
    runs = runs_since_baseline(facts.host.identity)
    before = _baseline_of(runs) if runs else None
    added: list[ClusterFacts] = []
    for member in facts.members if before else ():
        own = [] if before and before.cluster(member.identity) else runs_since_baseline(member.identity)
        if own and (kept := _baseline_of(own).cluster(member.identity)):
            added.append(structs.replace(kept, name=member.name))
            runs = [*runs, *(run for run in own if run not in runs)]
    return before and structs.replace(before, members=(*before.members, *added)), runs


def first_baseline(runs: list[Path]) -> FleetFacts | None:
    """The baseline of the first of these runs with one. Raises Unknown if it cannot be read."""
    kept = [run for run in runs if (run / NAME).is_file()]
    return _baseline_of(kept) if kept else None


def _baseline_of(runs: list[Path]) -> FleetFacts:
    try:
        return reading.load_baseline(runs[0] / NAME)
    except Usage as error:
        lost = Unknown(
            f"The bystanders cannot be compared with the last run's baseline: {error} If there is a copy of it, give "
            "that with --baseline FILE."
        )
        lost.corrections = (Correction("--baseline", "--baseline FILE"),)
        raise lost from error


def uncompared_sentences(facts: FleetFacts, before: FleetFacts | None, given: bool) -> Iterable[str]:
    """What could not be compared for want of a baseline, and what to do. `given`: whether by --baseline."""
    absent = [world for world in facts.clusters if before is None or before.cluster(world.identity) is None]
    if absent:
        yield (
            f"The bystanders of {', '.join(world.name for world in absent)} could not be compared: "
            f"{_why_absent(absent, given)}. Leftovers alone were sought there. A run keeps its baseline as "
            f"RUN/{NAME} in {state_dir() / 'runs'} on the machine it ran on, and apply names the file at its end: give "
            "it with --baseline FILE, or that machine's state directory with KS_RESET_STATE."
        )
    for world in before.clusters if before else ():
        now = facts.cluster(world.identity)
        if now and now.of(NAMESPACE_KEY) and not world.of(NAMESPACE_KEY):
            yield (
                f"The bystanders of {world.name} could not be compared: its baseline has no namespace, and every "
                "cluster has some. Give a complete baseline with --baseline FILE."
            )
        if now and (doubtful := _doubtful_types(world)):
            yield (
                f"The bystanders of {world.name} could not be compared: its baseline is not as it was written, with "
                f"{len(doubtful)} type(s) without a list or not among the types served ({doubtful[0]}). Give a "
                "complete baseline with --baseline FILE."
            )
        for gap in world.gaps if facts.cluster(world.identity) else ():
            yield (
                f"Not every bystander of {world.name} could be compared: when the baseline was made, {gap.what} could "
                f"not be read ({gap.why}). Give a complete baseline with --baseline FILE."
            )


def _doubtful_types(world: ClusterFacts) -> list[str]:
    """The served types with neither a list nor a gap, and those with a list that are not served.

    Whoever reads a cluster lists every type that is served (facts/gather.py, read_cluster).
    """
    unread = {gap.what for gap in world.gaps}
    listed = {key for key, kind in world.kinds.items() if f"{LIST_GAP}{kind.resource}" not in unread}
    return sorted(listed ^ {key for key in world.objects if key in listed or key not in world.kinds})


def _why_absent(absent: list[ClusterFacts], given: bool) -> str:
    if given:
        return "the given baseline does not contain them"
    known = any(runs_on(world.identity) for world in absent)
    return "no run has kept a baseline of them" if known else "no run of ks-reset on them is known here"


def _named(clusters: Iterable[ClusterFacts]) -> str:
    return ", ".join(f"{world.name} ({world.identity})" for world in clusters)
