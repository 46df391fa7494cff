"""What of a step's items the choice of components leaves: --only takes everything else out, --keep what stays."""

from collections.abc import Iterable

from msgspec import structs

from ks_reset.facts.component_choice import ComponentChoice
from ks_reset.model import Action, ClusterFacts, Delete, Obj, RemoveMarks, Request, Scale, Skipped, StopConversion
from ks_reset.steps import Removal, StepContext


def has_choice(request: Request) -> bool:
    """Whether a request chooses components, by name or by an operator that stays with its namespace."""
    return bool(request.only or request.kept_components or request.kept_operators)


def chosen_removals(
    items: Iterable[Removal | Skipped], cluster: ClusterFacts, request: Request
) -> Iterable[Removal | Skipped]:
    """Of what a step removes on a cluster, the objects that may go; with --only also the notes on these alone."""
    if not has_choice(request):
        yield from items
        return
    choice = ComponentChoice(cluster, request)
    for item in items:
        if isinstance(item, Skipped):
            if not choice.only or _concerns(item, cluster, choice):
                yield item
        elif choice.may_go(item.obj):
            yield item


def chosen_actions(items: Iterable[Action | Skipped], context: StepContext) -> Iterable[Action | Skipped]:
    """Likewise of the actions of a step. Of the marks of an object that stays, only references to what goes are cut."""
    if not has_choice(context.request):
        yield from items
        return
    by_identity = {c.identity: (c, ComponentChoice(c, context.request)) for c in context.facts.clusters}
    by_name = {cluster.name: (cluster, choice) for cluster, choice in by_identity.values()}
    for item in items:
        if isinstance(item, Skipped):
            cluster, choice = by_name[item.cluster]
            if not choice.only or _concerns(item, cluster, choice):
                yield item
        elif chosen := _chosen_action(item, context, *by_identity[item.cluster]):
            yield chosen


def removes_nothing(actions: Iterable[Action]) -> bool:
    """Whether a plan with --only has nothing left to remove and no controller left to start."""
    removing = (isinstance(action, Delete | RemoveMarks | StopConversion) for action in actions)
    return not any(removing)


def _chosen_action(
    action: Action, context: StepContext, cluster: ClusterFacts, choice: ComponentChoice
) -> Action | None:
    obj = cluster.get(action.kind.key, action.name, action.namespace)
    if obj is None or isinstance(action, Scale):
        return action
    if isinstance(action, Delete | StopConversion):
        return action if choice.may_go(obj) else None
    if isinstance(action, RemoveMarks) and choice.only and not context.is_removed(obj, cluster):
        if choice.follows(obj):
            return None
        marks, possible = (choice.ties_to(m, context.doomed, obj.kind.key) for m in (action.marks, action.possible))
        why = "it is tied to what goes: garbage collection would delete it, or nobody would end its deletion"
        return structs.replace(action, marks=marks, possible=possible, why=why) if marks or possible else None
    return action


def _concerns(item: Skipped, cluster: ClusterFacts, choice: ComponentChoice) -> bool:
    """Whether a note is about an object of a chosen component, or about a namespace with parts of one."""
    obj = _object_of(item, cluster)
    return obj is None or choice.may_go(obj) or choice.has_parts_in(obj)


def _object_of(item: Skipped, cluster: ClusterFacts) -> Obj | None:
    key, _, place = item.object.partition(" ")
    namespace, _, name = place.rpartition("/")
    return cluster.get(key, name, namespace)
