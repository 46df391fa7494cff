"""Let every controller act until none has anything left to do, in the order with the greatest losses.

Enabling and destroying transitions come first, repairing ones last: an object some interleaving can lose is lost here.
Placements and records are written anew only when nothing more happens by the old ones: both may cost objects.
Tests check this against every interleaving of small fleets, and against real control planes.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct

from ks_reset.catalogue.names import DEVOPS_PROJECT_KEY, NAMESPACE_KEY, WORKSPACE_KEY, WORKSPACE_LABEL
from ks_reset.simulation.actors import (
    applications,
    clusters,
    crd_finalizer,
    devops_controller,
    garbage_collector,
    ks_controller_manager,
    kubefed,
    namespace_controller,
    scheduling_preferences,
    volume_protection,
    volume_reclaim,
    workspace_templates,
)
from ks_reset.simulation.api_server import is_homeless
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.state import State

Actor = Callable[[State], Iterable[Transition]]
Tiers = tuple[tuple[Actor, ...], ...]
BINDING: tuple[Actor, ...] = (
    ks_controller_manager.bind_namespaces,
    devops_controller.bind_namespaces,
    devops_controller.bind_projects,
    applications.bind_components,
)


def bind_unowned(state: State) -> Iterable[Transition]:
    """The bindings of objects without any owner: these save nothing from the garbage collector, so they come first."""
    for actor in BINDING:
        yield from (move for move in actor(state) if not state.objects[move.place].owners)


TIERS: Tiers = (
    (bind_unowned,),
    (
        garbage_collector.transitions,
        namespace_controller.transitions,
        crd_finalizer.transitions,
        volume_protection.transitions,
        volume_reclaim.transitions,
        ks_controller_manager.release_finalizers,
    ),
    (garbage_collector.finish_foreground,),
    (
        ks_controller_manager.uninstall_applications,
        ks_controller_manager.delete_namespaces,
        workspace_templates.delete_dependents,
    ),
    BINDING,
    (clusters.join_federation, workspace_templates.make_federated_workspaces),
    (kubefed.adopt_objects_in_ending_namespaces,),
    (kubefed.delete_targets, workspace_templates.delete_unmatched),
    (workspace_templates.orphan_dependents,),
    (kubefed.create_targets, workspace_templates.make_workspaces),
    (kubefed.adopt_objects,),
    (
        clusters.rewrite_records,
        clusters.unbind_templates,
        workspace_templates.write_placements,
        scheduling_preferences.narrow_placements,
    ),
    (ks_controller_manager.unbind_namespaces,),
)
NEVER_REBOUND: Tiers = tuple(tier for tier in TIERS if tier is not BINDING)
"""The order in which a namespace is lost with the Workspace that owns it now, before another one owns it.

The controller that gives it the other owner may be later than any step of a plan.
"""
ACTORS: tuple[Actor, ...] = tuple(actor for tier in TIERS[1:] for actor in tier)


class Trace(Struct, frozen=True):
    """The transitions from one state to another, in order."""

    before: State
    transitions: tuple[Transition, ...]
    after: State


def run_controllers(state: State, tiers: Tiers = TIERS) -> Trace:
    """Run all controllers to the end. No transition of an object and its UID is made twice, so that a loop ends.

    Another order of `tiers` may lose less.
    """
    seen: set[tuple[object, ...]] = set()
    transitions: list[Transition] = []
    now = state
    while batch := _next_transitions(now, seen, tiers):
        seen.update(_transition_key(now, transition) for transition in batch)
        transitions += batch
        now = now.with_changes((transition.place, transition.after) for transition in batch if not transition.refused)
    return Trace(state, tuple(transitions), now)


def orders_of(state: State) -> tuple[Tiers, ...]:
    """The orders in which an object may be lost; none of them has all the losses.

    The second one is needed where a label names another Workspace than the owner: the object is lost with the one of
    both that goes first, and which controller is first nobody orders (ks-controller-manager and kubefed are two
    processes, and each may start alone).
    """
    bound = (subject for key in (NAMESPACE_KEY, DEVOPS_PROJECT_KEY) for subject in state.of_kind(key))
    return (TIERS, NEVER_REBOUND) if any(_changes_workspace(subject) for subject in bound) else (TIERS,)


def _changes_workspace(subject: SimObject) -> bool:
    name = subject.label_value(WORKSPACE_LABEL)
    return name is not None and any(tie.key == WORKSPACE_KEY and tie.name != name for tie in subject.owners)


def _next_transitions(state: State, seen: set[tuple[object, ...]], tiers: Tiers) -> list[Transition]:
    """The new transitions of the first tier with any, one for each object."""
    for tier in tiers:
        batch: dict[object, Transition] = {}
        for actor in tier:
            for transition in actor(state):
                if _transition_key(state, transition) not in seen and not _is_not_found(state, transition):
                    batch.setdefault(transition.place, transition)
        if batch:
            return list(batch.values())
    return []


def _is_not_found(state: State, transition: Transition) -> bool:
    """Whether it changes an object whose namespace is gone: the API server answers with 404."""
    subject = state.objects.get(transition.place) if transition.place.namespace else None
    return subject is not None and transition.deed is not Effect.DELETES and is_homeless(state, subject)


def _transition_key(state: State, transition: Transition) -> tuple[object, ...]:
    before = state.objects.get(transition.place)
    uid = before.uid if before else ""
    return transition.actor, transition.deed, transition.place, uid, transition.after, bool(transition.refused)
