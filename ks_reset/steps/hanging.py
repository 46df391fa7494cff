"""Let deletions end that wait for a controller that is gone: its finalizer comes off, and nothing else is deleted."""

from collections.abc import Iterable

from ks_reset.catalogue.controllers import LEADER_ELECTIONS, STOP_ORDER, program_name
from ks_reset.facts.controllers import reacting_controllers
from ks_reset.facts.hanging import Hold, orphaned_holds
from ks_reset.model import Action, ClusterFacts, Marks, Obj, RemoveMarks, Skipped
from ks_reset.simulation.by_hand import finalizer_patch
from ks_reset.simulation.harmless import losses_of_releases
from ks_reset.steps.actions import wait_for_lock, wait_quiet
from ks_reset.steps.step import Step, StepContext


def prove_gone(context: StepContext) -> Iterable[Action]:
    """Wait until the missing controllers have no Pods and no lock is renewed, those without a Deployment too."""
    for cluster in context.facts.clusters:
        programs = {program for hold in orphaned_holds(cluster) for program in hold.programs}
        for program in sorted(programs & {*STOP_ORDER}):
            there = [d for d in reacting_controllers(cluster) if program_name(d) == program]
            yield from wait_quiet(PROVE_GONE.name, cluster, there)
            if not there and program in LEADER_ELECTIONS:
                yield wait_for_lock(PROVE_GONE.name, cluster, program)


def release_hanging(context: StepContext) -> Iterable[Action | Skipped]:
    """Remove finalizers whose controller is gone from objects in deletion, except where a loss would follow.

    Somebody asked for these deletions; what follows from their end is asked of the simulation. A Workspace that goes
    takes its namespaces along, so it stays until defuse has cut the ties.
    """
    releases = [release for cluster in context.facts.clusters for release in _releases(cluster)]
    actions = [item for item in releases if isinstance(item, RemoveMarks)]
    losses = losses_of_releases(context.facts, actions)
    yield from (item for item in releases if isinstance(item, Skipped))
    for action in actions:
        cluster = context.facts.cluster(action.cluster)
        if action.id not in losses:
            yield action
        elif cluster:
            why = f"its end would lead to the loss of {losses[action.id]}"
            yield Skipped(cluster.name, action.target, f"{why}. First: ks-reset plan defuse --out defuse.json")


def _releases(cluster: ClusterFacts) -> Iterable[RemoveMarks | Skipped]:
    by_object: dict[str, list[Hold]] = {}
    for hold in orphaned_holds(cluster):
        by_object.setdefault(hold.obj.uid, []).append(hold)
    for holds in by_object.values():
        obj, known = holds[0].obj, tuple(hold.finalizer for hold in holds if hold.programs)
        if known:
            why = f"in deletion, and no running controller removes {', '.join(known)}"
            yield RemoveMarks.on(obj, RELEASE_HANGING.name, cluster.identity, why, marks=Marks(finalizers=known))
        yield from (_unknown(cluster, obj, hold.finalizer) for hold in holds if not hold.programs)


def _unknown(cluster: ClusterFacts, obj: Obj, finalizer: str) -> Skipped:
    patch = finalizer_patch(cluster, obj, finalizer)
    return Skipped(cluster.name, obj.title, f"nobody knows whose finalizer {finalizer} is; by hand: {patch}")


PROVE_GONE = Step(
    "prove-gone",
    "A Deployment that is missing is no proof: a copy elsewhere would still renew its lock, and react.",
    after=("fasten-seatbelt",),
    actions=prove_gone,
)
RELEASE_HANGING = Step(
    "release-hanging",
    "An object with a finalizer that nobody removes stays in deletion, and its namespace with it.",
    after=("prove-gone",),
    actions=release_hanging,
)
