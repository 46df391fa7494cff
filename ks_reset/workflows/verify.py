"""Verify: look for leftovers, and compare bystanders with the baseline of the last run."""

from pathlib import Path

from msgspec import Struct

from ks_reset import facts as reading
from ks_reset.journal import plan_of_run, runs_since_baseline
from ks_reset.model import FleetFacts, Plan, Request
from ks_reset.verify import Leftover, Proof, compare_bystanders, find_leftovers
from ks_reset.workflows.kept import without_kept


class Verdict(Struct, frozen=True):
    """The result of a verification. `clean` is true if nothing is left, changed, unknown or deferred.

    `proof` is None without a baseline. `unknown` lists unreadable lists and members, `later` the members
    deferred by the runs, `shared` the members that keep KubeSphere because another host manages them too.
    """

    clean: bool
    leftovers: tuple[Leftover, ...]
    proof: Proof | None
    unknown: tuple[str, ...]
    later: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


def verify_fleet(facts: FleetFacts, baseline: FleetFacts | None = None) -> Verdict:
    """The verdict on these facts, compared with `baseline`; by default with the baseline of the last run."""
    runs = runs_since_baseline(facts.host.identity)
    plans = [plan_of_run(run) for run in runs]
    before = baseline or _kept_baseline(runs)
    proof = compare_bystanders(before, facts, plans) if before else None
    shared = tuple(dict.fromkeys(name for plan in plans for name in plan.request.shared))
    found = find_leftovers(facts, shared, {account for plan in plans for account in plan.material.joins})
    remains = without_kept(facts, _choices(plans), found)
    unknown = [f"{cluster.name}: {gap.what}: {gap.why}" for cluster in facts.clusters for gap in cluster.gaps]
    unknown += [f"{member.name}: the member does not answer: {member.why}" for member in facts.missing]
    later = _deferred_members(facts, plans)
    clean = not remains and not unknown and not later and not (proof and proof.changes)
    return Verdict(clean, tuple(remains), proof, tuple(unknown), later, shared)


def _choices(plans: list[Plan]) -> Request:
    """The operators that the runs have kept or done without."""
    return Request(
        operators=tuple(name for plan in plans for name in plan.request.operators),
        forgone=tuple(name for plan in plans for name in plan.request.forgone),
    )


def _kept_baseline(runs: list[Path]) -> FleetFacts | None:
    return reading.load_snapshot(runs[0] / "baseline.json.gz") if runs else None


def _deferred_members(facts: FleetFacts, plans: list[Plan]) -> tuple[str, ...]:
    """The members deferred by a run, except those in these facts, by name."""
    known = {cluster.name for cluster in facts.members} | {member.name for member in facts.missing}
    return tuple(dict.fromkeys(name for plan in plans for name in plan.request.later if name not in known))
