"""What a plan keeps: by name with the reason, many of a kind folded, and how much it does not touch."""

from collections.abc import Iterable

from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY
from ks_reset.catalogue.ownership import is_users
from ks_reset.model import FleetFacts, Plan

NAMES = 3
SHOWN = 20
"""So many objects kept for one reason are named; the JSON of the plan has them all."""


def kept_lines(plan: Plan, verbose: bool) -> Iterable[str]:
    """A line for each kept object; without `verbose` one for many on a cluster with the same reason.

    Types of one API group are named together.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for kept in plan.kept:
        groups.setdefault((kept.cluster, kept.why), []).append(kept.object)
    for (cluster, why), objects in groups.items():
        names = objects if verbose else list(_folded_types(objects))
        shown = names if verbose or len(names) <= SHOWN else names[:SHOWN]
        yield from (f"kept on {cluster}: {name}: {why}" for name in shown)
        if len(names) > len(shown):
            yield f"kept on {cluster}: {len(names) - len(shown)} more (-v shows all): {why}"


def _folded_types(titles: Iterable[str]) -> Iterable[str]:
    """The titles, with one for all types of an API group if they are more than NAMES."""
    by_group: dict[str, list[str]] = {}
    for title in titles:
        key, _, name = title.partition(" ")
        by_group.setdefault(name.partition(".")[2] if key == CRD_KEY else title, []).append(title)
    for group, same in by_group.items():
        if len(same) > NAMES:
            yield f"{len(same)} types of {group} (-v names each)"
        else:
            yield from same


def untouched_lines(plan: Plan, facts: FleetFacts) -> Iterable[str]:
    """For each cluster of the plan how many objects it does not touch, and how many namespaces of users it keeps."""
    touched = {(action.cluster, action.uid) for action in plan.actions}
    names = {cluster.name: cluster.identity for cluster in plan.clusters}
    touched |= {(names.get(effect.cluster, ""), effect.uid) for effect in plan.foreseen}
    gone = {(a.cluster, a.uid) for a in plan.actions if a.verb == "delete"}
    for planned in plan.clusters:
        world = facts.cluster(planned.identity)
        if world is None:
            continue
        every = list(world.all())
        free = sum((world.identity, obj.uid) not in touched for obj in every)
        spaces = [obj for obj in world.of(NAMESPACE_KEY) if is_users(obj, world)]
        kept = sum((world.identity, obj.uid) not in gone for obj in spaces)
        yield (
            f"{planned.name}: {kept} of {len(spaces)} namespaces of users stay; {free} of {len(every)} objects are not "
            "touched at all"
        )
