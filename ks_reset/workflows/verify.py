"""Verify: look for leftovers, and compare bystanders with the baseline of the last run.

Without a baseline nobody knows what users had before, so the verdict is unknown.
"""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, structs

from ks_reset import facts as reading
from ks_reset.journal import plan_of_run, runs_on, runs_since_baseline
from ks_reset.local import state_dir
from ks_reset.model import ClusterFacts, FleetFacts, Plan
from ks_reset.verify import Leftover, Proof, compare_bystanders, find_leftovers


class Verdict(Struct, frozen=True):
    """The result of a verification. `clean` is true if nothing is left, changed, unknown, uncompared or
    deferred.

    `proof` is None without a baseline; `uncompared` says in sentences which bystanders were not compared, and what to
    do. `unknown` lists unreadable lists and members, `later` the members
    deferred by the runs, `shared` the members that keep KubeSphere because another host manages them too.
    """

    clean: bool
    leftovers: tuple[Leftover, ...]
    proof: Proof | None
    unknown: tuple[str, ...]
    later: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()


def verify_fleet(facts: FleetFacts, baseline: FleetFacts | None = None) -> Verdict:
    """The verdict on these facts, compared with `baseline`; by default with the baselines of the last runs."""
    runs = runs_since_baseline(facts.host.identity)
    before = baseline
    if before is None and runs:
        before, runs = _with_other_baselines(facts, _baseline_of(runs), runs)
    plans = [plan_of_run(run) for run in runs]
    proof = compare_bystanders(before, facts, plans) if before else None
    shared = tuple(dict.fromkeys(name for plan in plans for name in plan.request.shared))
    remains = find_leftovers(facts, shared, {account for plan in plans for account in plan.material.joins})
    unknown = [f"{cluster.name}: {gap.what}: {gap.why}" for cluster in facts.clusters for gap in cluster.gaps]
    unknown += [f"{member.name}: the member does not answer: {member.why}" for member in facts.missing]
    later = _deferred_members(facts, plans)
    uncompared = tuple(_uncompared_sentences(facts, before))
    clean = not (remains or unknown or uncompared or later or (proof and proof.changes))
    return Verdict(clean, tuple(remains), proof, tuple(unknown), later, shared, uncompared)


def _baseline_of(runs: list[Path]) -> FleetFacts:
    return reading.load_snapshot(runs[0] / "baseline.json.gz")


def _with_other_baselines(facts: FleetFacts, before: FleetFacts, runs: list[Path]) -> tuple[FleetFacts, list[Path]]:
    """The host's baseline and runs, completed by those of members only worked on in runs of their own."""
    added: list[ClusterFacts] = []
    for member in facts.members:
        own = [] if before.cluster(member.identity) else runs_since_baseline(member.identity)
        if own and (kept := _baseline_of(own).cluster(member.identity)):
            added.append(structs.replace(kept, name=member.name))
            runs = [*runs, *(run for run in own if run not in runs)]
    return structs.replace(before, members=(*before.members, *added)), runs


def _uncompared_sentences(facts: FleetFacts, before: FleetFacts | None) -> Iterable[str]:
    """What could not be compared for want of a baseline, and what to do."""
    runs = state_dir() / "runs"
    absent = [w for w in facts.clusters if before is None or before.cluster(w.identity) is None]
    if not absent:
        return
    names, known = ", ".join(world.name for world in absent), any(runs_on(world.identity) for world in absent)
    why = "no run has kept a baseline of them" if known else "no run of ks-reset on them is known"
    yield (
        f"The bystanders of {names} could not be compared: {why} in {runs}. Leftovers alone were sought there. A run "
        "keeps its baseline as RUN/baseline.json.gz in that folder, on the machine it ran on: give that file with "
        "--baseline FILE, or that machine's state directory with KS_RESET_STATE."
    )


def _deferred_members(facts: FleetFacts, plans: list[Plan]) -> tuple[str, ...]:
    """The members deferred by a run, except those in these facts, by name."""
    known = {cluster.name for cluster in facts.members} | {member.name for member in facts.missing}
    return tuple(dict.fromkeys(name for plan in plans for name in plan.request.later if name not in known))
