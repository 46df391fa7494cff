"""Verify: look for leftovers, and compare bystanders with the baseline of the last run."""

from pathlib import Path

from msgspec import Struct

from ks_reset import facts as reading
from ks_reset.errors import Stale
from ks_reset.journal import plan_of_run, runs_since_baseline
from ks_reset.model import FleetFacts, Plan
from ks_reset.verify import Leftover, Proof, compare_bystanders, find_leftovers


class Verdict(Struct, frozen=True):
    """The result of a verification. `clean` is true if nothing is left, changed, unknown or deferred.

    `proof` is None without a baseline. `unknown` lists unreadable lists, members and runs, `later` the members
    deferred by the runs, `shared` the members that keep KubeSphere because another host manages them too.
    """

    clean: bool
    leftovers: tuple[Leftover, ...]
    proof: Proof | None
    unknown: tuple[str, ...]
    later: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


def verify_fleet(facts: FleetFacts, baseline: FleetFacts | None = None) -> Verdict:
    """The verdict on these facts, compared with `baseline`; by default with the baseline of the last run.

    A run whose plan only another version reads is told as unknown: what it deleted is not told from what is lost, so
    its baseline and earlier ones are not compared with. Everything else is verified.
    """
    runs, plans, unread = _readable_runs(runs_since_baseline(facts.host.identity))
    before = baseline or _kept_baseline(runs)
    proof = compare_bystanders(before, facts, plans) if before else None
    shared = tuple(dict.fromkeys(name for plan in plans for name in plan.request.shared))
    remains = find_leftovers(facts, shared, {account for plan in plans for account in plan.material.joins})
    unknown = [f"{cluster.name}: {gap.what}: {gap.why}" for cluster in facts.clusters for gap in cluster.gaps]
    unknown += [f"{member.name}: the member does not answer: {member.why}" for member in facts.missing]
    unknown += unread
    later = _deferred_members(facts, plans)
    clean = not remains and not unknown and not later and not (proof and proof.changes)
    return Verdict(clean, tuple(remains), proof, tuple(unknown), later, shared)


def _readable_runs(runs: list[Path]) -> tuple[list[Path], list[Plan], list[str]]:
    """The runs after the last unreadable one, the plans of all readable ones, and why the others are not."""
    after, plans, unread = list(runs), [], []
    for run in runs:
        try:
            plans.append(plan_of_run(run))
        except Stale as error:
            unread.append(f"the run in {run}: {error}")
            after = runs[runs.index(run) + 1 :]
    return after, plans, unread


def _kept_baseline(runs: list[Path]) -> FleetFacts | None:
    """The first baseline of these runs."""
    paths = [path for run in runs if (path := run / "baseline.json.gz").is_file()]
    return reading.load_snapshot(paths[0]) if paths else None


def _deferred_members(facts: FleetFacts, plans: list[Plan]) -> tuple[str, ...]:
    """The members deferred by a run, except those in these facts, by name."""
    known = {cluster.name for cluster in facts.members} | {member.name for member in facts.missing}
    return tuple(dict.fromkeys(name for plan in plans for name in plan.request.later if name not in known))
