"""Make a plan from a playbook, facts and options: every write by name, bound to cluster identities and UIDs."""

from collections.abc import Iterable

from msgspec import structs

from ks_reset.catalogue.names import REPLICAS_ANNOTATION
from ks_reset.facts.controllers import reacting_controllers
from ks_reset.facts.join_accounts import recorded_accounts
from ks_reset.model import (
    Action,
    ClusterFacts,
    Delete,
    FleetFacts,
    Options,
    Plan,
    PlanCluster,
    PlannedConsequence,
    Reliance,
    SeatbeltOff,
    Skipped,
    StoredData,
    WaitReady,
)
from ks_reset.plan.chosen import chosen_actions, chosen_removals, removes_nothing
from ks_reset.plan.file import SCHEMA, digest_of
from ks_reset.plan.playbook import Playbook
from ks_reset.steps import Removal, Step, StepContext
from ks_reset.steps.paused_webhooks import with_paused_webhooks


def make_plan(playbook: Playbook, facts: FleetFacts, options: Options) -> Plan:
    """The plan of a playbook for these facts.

    A plan without a write, or without an action of the playbook's purpose, only takes off an existing seatbelt.
    """
    options = options.with_material(joins=recorded_accounts(facts, options))
    steps = tuple(step.name for step in playbook.chosen)
    context = StepContext(facts, options, playbook=playbook.name, scope=playbook.scope, steps=steps)
    doomed = frozenset(removal.obj.uid for step in playbook.chosen for removal in _removals_of(step, context))
    context = with_paused_webhooks(structs.replace(context, doomed=doomed))
    items = [item for step in playbook.chosen for item in _items_of(step, context)]
    actions = _without_repeated_deletions(item for item in items if not isinstance(item, Skipped))
    if not any(_has_purpose(action, playbook) for action in actions) or _only_resumes(context, actions):
        actions = tuple(action for action in actions if isinstance(action, SeatbeltOff) and action.uid)
    plan = Plan(
        SCHEMA,
        facts.tool,
        facts.taken,
        playbook.name,
        playbook.scope,
        options.request,
        context.material,
        steps,
        _clusters_of(facts),
        actions,
        tuple(dict.fromkeys(item for item in items if isinstance(item, Skipped))),
        key=facts.key,
    )
    return structs.replace(plan, digest=digest_of(plan))


def with_consequences(
    plan: Plan,
    consequences: tuple[PlannedConsequence, ...],
    kept: tuple[Skipped, ...] = (),
    data: tuple[StoredData, ...] = (),
    without: tuple[Reliance, ...] = (),
) -> Plan:
    """The same plan with its consequences, what stays, the data, and what users go without: an approval covers all."""
    complete = structs.replace(plan, foreseen=consequences, kept=(*plan.kept, *kept), data=data, without=without)
    return structs.replace(complete, digest=digest_of(complete))


def _has_purpose(action: Action, playbook: Playbook) -> bool:
    return (action.writes or isinstance(action, WaitReady)) and action.step == (playbook.purpose or action.step)


def _only_resumes(context: StepContext, actions: tuple[Action, ...]) -> bool:
    """Whether a plan with --only would stop and start the core for nothing; a core stopped by a run is started."""
    if not context.request.only or not removes_nothing(actions):
        return False
    controllers = (d for cluster in context.facts.clusters for d in reacting_controllers(cluster))
    return not any(REPLICAS_ANNOTATION in deployment.annotations for deployment in controllers)


def _without_repeated_deletions(actions: Iterable[Action]) -> tuple[Action, ...]:
    """The actions without a second deletion of the same object."""
    first: dict[tuple[str, ...], Action] = {}
    for action in actions:
        key = (action.cluster, action.uid) if isinstance(action, Delete) and action.uid else (action.id,)
        first.setdefault(key, action)
    return tuple(first.values())


def _clusters_of(facts: FleetFacts) -> tuple[PlanCluster, ...]:
    def as_planned(cluster: ClusterFacts) -> PlanCluster:
        role = "host" if cluster is facts.host else "member"
        return PlanCluster(cluster.identity, cluster.name, cluster.context, cluster.endpoint, cluster.version, role)

    return tuple(as_planned(cluster) for cluster in facts.clusters)


def _removals_of(step: Step, context: StepContext) -> Iterable[Removal]:
    context = context if step.detaches else context.without_detached
    if step.removes:
        for cluster in context.facts.clusters:
            items = chosen_removals(step.removes(cluster, context), cluster, context.request)
            yield from (item for item in items if isinstance(item, Removal))


def _items_of(step: Step, context: StepContext) -> Iterable[Action | Skipped]:
    context = context if step.detaches else context.without_detached
    if step.actions:
        yield from chosen_actions(step.actions(context), context)
    if step.removes:
        for cluster in context.facts.clusters:
            for item in chosen_removals(step.removes(cluster, context), cluster, context.request):
                if isinstance(item, Skipped):
                    yield item
                else:
                    yield Delete.on(item.obj, step.name, cluster.identity, item.why, along=item.along)
