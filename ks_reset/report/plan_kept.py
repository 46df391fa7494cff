"""What a plan keeps: by name with the reason, many of a kind folded, and how much it does not touch."""

from collections.abc import Iterable, Sequence

from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY
from ks_reset.catalogue.ownership import is_users
from ks_reset.language import join_words, translate, translate_phrase
from ks_reset.model import FleetFacts, Plan, Skipped

NAMES = 3
SHOWN = 20
"""So many objects kept for one reason are named; the JSON of the plan has them all."""


def kept_lines(plan: Plan, verbose: bool) -> Iterable[str]:
    """A line for each kept object; without `verbose` one for many of a kind on a cluster with the same reason.

    Types of one API group are named together, and so are objects whose reasons differ in their own names alone.
    """
    alike: dict[tuple[str, str, str], list[Skipped]] = {}
    for kept in plan.kept:
        kind = kept.object.partition(" ")[0]
        key = ("", kept.why) if verbose else (kind, _without_names(kept))
        alike.setdefault((kept.cluster, *key), []).append(kept)
    for (cluster, kind, _), same in alike.items():
        reasons = {kept.why for kept in same}
        if not verbose and len(same) > NAMES and (len(reasons) > 1 or kind != CRD_KEY):
            yield _folded_line(cluster, kind, same, one_reason=len(reasons) == 1)
            continue
        for why in dict.fromkeys(kept.why for kept in same):
            yield from _lines_of_reason(cluster, why, [kept.object for kept in same if kept.why == why], verbose)


def _folded_line(cluster: str, kind: str, same: Sequence[Skipped], *, one_reason: bool) -> str:
    """`kept on host: 19 CustomResourceDefinition: a, b and 17 more (-v names each): for such a reason as a: …`."""
    names = [kept.object.partition(" ")[2] for kept in same]
    listed = join_words(names[:SHOWN])
    if len(names) > SHOWN:
        listed = translate_phrase("{0} and {1} more (-v names each)", listed, len(names) - SHOWN)
    about = (cluster, len(same), kind.partition(".")[0], listed)
    if one_reason:
        return translate_phrase("kept on {0}: {1} {2} ({3}): {4}", *about, translate(same[0].why))
    return translate_phrase("kept on {0}: {1} {2} ({3}). Of {4}: {5}", *about, names[0], translate(same[0].why))


def _lines_of_reason(cluster: str, why: str, objects: Sequence[str], verbose: bool) -> Iterable[str]:
    names = objects if verbose else list(_folded_types(objects))
    shown = names if verbose or len(names) <= SHOWN else names[:SHOWN]
    yield from (f"kept on {cluster}: {name}: {why}" for name in shown)
    if len(names) > len(shown):
        yield f"kept on {cluster}: {len(names) - len(shown)} more (-v shows all): {why}"


def _without_names(kept: Skipped) -> str:
    """The reason without the names of the object, its namespace and its API group."""
    path = kept.object.partition(" ")[2]
    namespace, _, name = path.rpartition("/")
    group = name.partition(".")[2] if kept.object.startswith(f"{CRD_KEY} ") else ""
    reason = kept.why
    for own in filter(None, (path, name, group, namespace)):
        reason = reason.replace(own, "")
    return reason


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
    """For each cluster of the plan how many objects it does not touch, and how many namespaces of users it keeps.

    A namespace that the plan deletes is proven to be KubeSphere's or a component's of it, so it is none of a user's.
    """
    touched = {(action.cluster, action.uid) for action in plan.actions}
    names = {cluster.name: cluster.identity for cluster in plan.clusters}
    touched |= {(names.get(effect.cluster, ""), effect.uid) for effect in plan.foreseen}
    going = {(a.cluster, a.uid) for a in plan.actions if a.verb == "delete"}
    lost = {(effect.cluster, effect.uid) for effect in plan.foreseen if effect.fate == "deleted"}
    for planned in plan.clusters:
        world = facts.cluster(planned.identity)
        if world is None:
            continue
        every = list(world.all())
        free = sum((world.identity, obj.uid) not in touched for obj in every)
        spaces = [o for o in world.of(NAMESPACE_KEY) if is_users(o, world) and (world.identity, o.uid) not in going]
        kept = sum((world.name, obj.uid) not in lost for obj in spaces)
        yield (
            f"{planned.name}: {kept} of {len(spaces)} namespaces of users stay; {free} of {len(every)} objects are not "
            "touched at all"
        )
