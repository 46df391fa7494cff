"""Verify: look for leftovers, and compare bystanders with the baseline of the last run.

Without a baseline nobody knows what users had before, so the verdict is unknown.
"""

from functools import partial
from pathlib import Path

from msgspec import Struct

from ks_reset.catalogue.names import DEPLOYMENT_KEY, KS_CONTROLLER_MANAGER, KUBESPHERE_NAMESPACE
from ks_reset.errors import Stale
from ks_reset.facts import Baseline
from ks_reset.facts.kept import Kept
from ks_reset.facts.stored_data import retained_notes
from ks_reset.journal import chain_of, plan_of_run, runs_on, runs_since_baseline
from ks_reset.model import ClusterFacts, FleetFacts, Plan, Request, Skipped
from ks_reset.steps.installation import APPLY_INSTALLER, INSTALL_CHART, JOIN_MEMBERS
from ks_reset.steps.removal import REMOVE_NAMESPACES
from ks_reset.verify import Leftover, Proof, compare_bystanders, find_leftovers
from ks_reset.workflows.baselines import (
    first_baseline,
    kept_baselines,
    require_same_fleet,
    require_same_key,
    uncompared_sentences,
)
from ks_reset.workflows.kept import without_kept

INSTALLATION_STEPS = frozenset(step.name for step in (APPLY_INSTALLER, INSTALL_CHART, JOIN_MEMBERS))
"""With one of these steps a plan puts KubeSphere on its clusters."""


class Verdict(Struct, frozen=True):
    """The result of a verification. `clean` is true if nothing is left, changed, unknown, uncompared or deferred.

    `proof` is None without a baseline; `uncompared` says in sentences which bystanders were not compared, and what to
    do. `unknown` lists unreadable lists, members and runs, `later` the members deferred by the runs, `shared` the
    members that keep KubeSphere because another host manages them too, `kept` the types that stay by choice, and the
    volumes of KubeSphere's claims that are there, with the way to bind them again. `installed` has the number of
    KubeSphere's objects and marks per cluster that is meant to keep KubeSphere; they are no leftovers.
    """

    clean: bool
    leftovers: tuple[Leftover, ...]
    proof: Proof | None
    unknown: tuple[str, ...]
    later: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()
    kept: tuple[Skipped, ...] = ()
    installed: dict[str, int] = {}


def verify_fleet(facts: FleetFacts, baseline: FleetFacts | None = None, *, removed: bool | None = None) -> Verdict:
    """The verdict on these facts, compared with `baseline`; by default with the baselines of the last runs.

    `removed` says whether KubeSphere is meant to be gone; by default the last uninstall or installation of each cluster
    tells, and after other playbooks alone, such as stale-record, it is meant to stay.

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
    if before:
        require_same_key(facts, before)
    carried = before.plans if isinstance(before, Baseline) else ()
    plans = _distinct([*carried, *readable])
    proof = compare_bystanders(before, facts, plans) if before else None
    shared = tuple(dict.fromkeys(name for plan in plans for name in plan.request.shared))
    found = find_leftovers(facts, shared, {account for plan in plans for account in plan.material.joins})
    remains = without_kept(facts, partial(_last_choices, plans), found, plans)
    unknown = [f"{cluster.name}: {gap.what}: {gap.why}" for cluster in facts.clusters for gap in cluster.gaps]
    unknown += [f"{member.name}: the member does not answer: {member.why}" for member in facts.missing]
    unknown += unread
    changed = [(run, chain.broken) for run in runs if (chain := chain_of(run)).broken]
    unknown += [f"the journal of the run in {run} was changed: {why}" for run, why in changed]
    later = _deferred_members(facts, plans)
    staying = [c for c in facts.clusters if (_is_to_keep_it(c, plans) if removed is None else not removed)]
    meant = [item for item in remains if not item.is_of_ks_reset]
    installed = {c.name: sum(item.cluster == c.name for item in meant) for c in staying}
    remains = [item for item in remains if item.cluster not in installed or item.is_of_ks_reset]
    kept = tuple(k for cluster in facts.clusters for k in Kept(cluster, _last_choices(plans, cluster)).kept_types())
    kept += tuple(note for cluster in facts.clusters for note in retained_notes(cluster))
    uncompared = tuple(uncompared_sentences(facts, before, given=baseline is not None))
    clean = not (remains or unknown or uncompared or later or (proof and proof.changes))
    return Verdict(clean, tuple(remains), proof, tuple(unknown), later, shared, uncompared, kept, installed)


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
    made = _plans_with_step(plans, cluster, {REMOVE_NAMESPACES.name})
    return made[-1].request if made else Request()


def _is_to_keep_it(cluster: ClusterFacts, carried: list[Plan]) -> bool:
    """Whether the last uninstall or installation of a cluster, if any, was an installation; False without any run.

    `carried` are plans of another machine's runs. False also if the plan of one of the runs cannot be read, and if
    ks-controller-manager is not there, whoever removed it.
    """
    _, plans, unread = _readable_runs(runs_on(cluster.identity))
    known = [p for p in _distinct([*carried, *plans]) if cluster.identity in {c.identity for c in p.clusters}]
    deciding = _plans_with_step(known, cluster, {REMOVE_NAMESPACES.name, *INSTALLATION_STEPS})
    core = cluster.get(DEPLOYMENT_KEY, KS_CONTROLLER_MANAGER, KUBESPHERE_NAMESPACE)
    if unread or not known or core is None:
        return False
    return not deciding or REMOVE_NAMESPACES.name not in deciding[-1].steps


def _plans_with_step(plans: list[Plan], cluster: ClusterFacts, steps: set[str]) -> list[Plan]:
    """The plans for a cluster that have one of these steps, the latest last."""
    made = [p for p in plans if steps & set(p.steps) and cluster.identity in {c.identity for c in p.clusters}]
    return sorted(made, key=lambda plan: plan.made)


def _deferred_members(facts: FleetFacts, plans: list[Plan]) -> tuple[str, ...]:
    """The members deferred by a run, except those in these facts, by name."""
    known = {cluster.name for cluster in facts.members} | {member.name for member in facts.missing}
    return tuple(dict.fromkeys(name for plan in plans for name in plan.request.later if name not in known))
