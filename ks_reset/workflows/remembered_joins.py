"""This host's accounts on clusters, as remembered by earlier runs: a deleted record leaves no other trace of them.

An account counts only while the ClusterRoleBinding is older than the plan that knew it: a join of another host since
has written a newer one, under the same name if KubeSphere made both (kubesphere v3.3.1,
pkg/controller/cluster/cluster_controller.go, joinFederation).
"""

from collections.abc import Iterable
from contextlib import suppress

from ks_reset.errors import Stale, Usage
from ks_reset.facts.join_accounts import joins_of_cluster
from ks_reset.journal import runs_on
from ks_reset.model import ClusterFacts, FleetFacts, Options, Plan
from ks_reset.plan.file import load_plan

SECONDS = len("2026-01-01T00:00:00")
"""The characters of a time up to its seconds; both times are in UTC."""


def with_remembered_joins(facts: FleetFacts, options: Options) -> Options:
    """The options, with the accounts known to the plans of earlier runs on this host."""
    known = {*options.material.joins}
    for plan in plans_on_host(facts.host.identity):
        older = {f"{w.identity}/{a}" for w in facts.clusters for a in _accounts_before(w, plan.made)}
        known |= older & set(plan.material.joins)
    return options.with_material(joins=tuple(sorted(known)))


def plans_on_host(identity: str) -> list[Plan]:
    """The plans of all runs on this host; without those of other versions, and those that cannot be read."""
    plans: list[Plan] = []
    for folder in runs_on(identity):
        with suppress(Stale, Usage):
            plans.append(load_plan(folder / "plan.json"))
    return [plan for plan in plans if plan.clusters[-1].identity == identity]


def _accounts_before(cluster: ClusterFacts, time: str) -> Iterable[str]:
    for join in joins_of_cluster(cluster):
        created = str(join.role.meta.get("creationTimestamp") or "")
        if created and created[:SECONDS] <= time[:SECONDS]:
            yield join.account
