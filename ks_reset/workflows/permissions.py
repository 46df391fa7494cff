"""The permissions for a command or a plan on one cluster, from what reading and preflight declare."""

from ks_reset.apply.permissions import needed_permissions
from ks_reset.apply.preflight import actions_of_fallback, require_same_clusters
from ks_reset.catalogue.names import ACCESS_REVIEW_KIND
from ks_reset.errors import Correction, Usage, corrected_to
from ks_reset.facts.permissions import read_permissions
from ks_reset.model import ClusterFacts, FleetFacts, Permission, Plan
from ks_reset.plan.playbook import playbook_of_plan

CHECK = "check"
READERS = (CHECK, "doctor", "explain", "feasible", "memory", "plan", "report", "snapshot", "verify")
"""The commands that only read the fleet, all in the same way; CHECK also asks what the account may do."""
LOCAL = ("catalogue", "render", "runbook")
"""The commands that ask no cluster."""


def permissions_to_read(facts: FleetFacts, cluster: ClusterFacts, command: str) -> set[Permission]:
    """What one of READERS needs on one cluster of the fleet, besides discovery."""
    review = {Permission("create", ACCESS_REVIEW_KIND)} if command == CHECK else set[Permission]()
    return read_permissions(cluster, host=cluster.identity == facts.host.identity) | review


def permissions_to_apply(plan: Plan, facts: FleetFacts, cluster: ClusterFacts) -> set[Permission]:
    """What `apply` needs for a plan on one cluster of its fleet, with its fallback; reads, writes and access reviews.

    Raises Stale if the facts are of other clusters.
    """
    require_same_clusters(facts, plan)
    book = playbook_of_plan(plan.playbook, plan.scope, plan.steps)
    actions = [a for a in (*plan.actions, *actions_of_fallback(book, facts, plan)) if a.cluster == cluster.identity]
    needed = needed_permissions(actions, cluster, plan.material.install)
    return permissions_to_read(facts, cluster, CHECK) | needed


def chosen_cluster(facts: FleetFacts, name: str) -> ClusterFacts:
    """The cluster of this name, the host for "". Raises Usage for another name."""
    named = {facts.host.name: facts.host, **{member.name: member for member in facts.members}}
    if name and name not in named:
        what = f"There is no cluster {name} among these: {', '.join(named)}. Name one of them with --cluster."
        raise Usage(what, *corrected_to(named, name, "--cluster"))
    return named[name] if name else facts.host


def require_reader(command: str) -> None:
    """Raises Usage with the way on for a command that does not only read the fleet."""
    if command in READERS:
        return
    if command in LOCAL:
        raise Usage(f"{command} asks no cluster, so it needs no permission.", Correction(command, "doctor"))
    if command in ("backup", "vault"):
        what = f"{command} reads the contents of KubeSphere's Secrets: run it as an administrator."
        raise Usage(what, Correction(command, "doctor"))
    raise Usage(
        f"'{command}' is no command that only reads ({', '.join(READERS)}), and no plan. What apply needs "
        "depends on its plan: ks-reset plan --out plan.json, then ks-reset permissions plan.json."
    )
