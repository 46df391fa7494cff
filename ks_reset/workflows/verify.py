"""Verify: look for leftovers, and compare bystanders with the baseline of the last run.

Without a baseline nobody knows what users had before, so the verdict is unknown.
"""

from functools import partial
from pathlib import Path

from msgspec import Struct

from ks_reset.errors import Stale
from ks_reset.facts import Baseline
from ks_reset.facts.kept import Kept
from ks_reset.facts.stored_data import retained_notes
from ks_reset.journal import plan_of_run, runs_since_baseline
from ks_reset.model import ClusterFacts, FleetFacts, Plan, Request, Skipped
from ks_reset.steps.removal import REMOVE_NAMESPACES
from ks_reset.verify import Leftover, Proof, compare_bystanders, find_leftovers
from ks_reset.workflows.baselines import first_baseline, kept_baselines, require_same_fleet, uncompared_sentences
from ks_reset.workflows.kept import without_kept


class Verdict(Struct, frozen=True):
    """The result of a verification. `clean` is true if nothing is left, changed, unknown, uncompared or deferred.

    `proof` is None without a baseline; `uncompared` says in sentences which bystanders were not compared, and what to
    do. `unknown` lists unreadable lists, members and runs, `later` the members deferred by the runs, `shared` the
    members that keep KubeSphere because another host manages them too, `kept` the types that stay by choice, and the
    volumes of KubeSphere's claims that are there, with the way to bind them again.
    """

    clean: bool
    leftovers: tuple[Leftover, ...]
    proof: Proof | None
    unknown: tuple[str, ...]
    later: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()
    kept: tuple[Skipped, ...] = ()


def verify_fleet(facts: FleetFacts, baseline: FleetFacts | None = None) -> Verdict:
    """The verdict on these facts, compared with `baseline`; by default with the baselines of the last runs.

    A run whose plan only another version reads is told as unknown: what it deleted is not told from what is lost, so
    its baseline and earlier ones are not compared with. Everything else is verified. Raises Usage for a baseline of
    another fleet, Unknown if that of the last run cannot be read.
    """
    if baseline:
        require_same_fleet(facts, baseline)
    before, runs = (baseline, runs_since_baseline(facts.host.identity)) if baseline else kept_baselines(facts)
    later_runs, readable, unread = _readable_runs(runs)
    if unread and not baseline:
        before = first_baseline(later_runs)
    carried = before.plans if isinstance(before, Baseline) else ()
    plans = _distinct([*carried, *readable])
    proof = compare_bystanders(before, facts, plans) if before else None
    shared = tuple(dict.fromkeys(name for plan in plans for name in plan.request.shared))
    found = find_leftovers(facts, shared, {account for plan in plans for account in plan.material.joins})
    remains = without_kept(facts, partial(_last_choices, plans), found, plans)
    unknown = [f"{cluster.name}: {gap.what}: {gap.why}" for cluster in facts.clusters for gap in cluster.gaps]
    unknown += [f"{member.name}: the member does not answer: {member.why}" for member in facts.missing]
    unknown += unread
    later = _deferred_members(facts, plans)
    kept = tuple(k for cluster in facts.clusters for k in Kept(cluster, _last_choices(plans, cluster)).kept_types())
    kept += tuple(note for cluster in facts.clusters for note in retained_notes(cluster))
    uncompared = tuple(uncompared_sentences(facts, before, given=baseline is not None))
    clean = not (remains or unknown or uncompared or later or (proof and proof.changes))
    return Verdict(clean, tuple(remains), proof, tuple(unknown), later, shared, uncompared, kept)


def _distinct(plans: list[Plan]) -> list[Plan]:
    return list({plan.digest: plan for plan in plans}.values())


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


def _last_choices(plans: list[Plan], cluster: ClusterFacts) -> Request:
    """The choices of the uninstall that was planned last for a cluster; none without one."""
    made = [
        p for p in plans if REMOVE_NAMESPACES.name in p.steps and cluster.identity in {c.identity for c in p.clusters}
    ]
    return sorted(made, key=lambda plan: plan.made)[-1].request if made else Request()


def _deferred_members(facts: FleetFacts, plans: list[Plan]) -> tuple[str, ...]:
    """The members deferred by a run, except those in these facts, by name."""
    known = {cluster.name for cluster in facts.members} | {member.name for member in facts.missing}
    return tuple(dict.fromkeys(name for plan in plans for name in plan.request.later if name not in known))
