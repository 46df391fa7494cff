"""Playbook and facts make a plan: a value that names each write, bound to cluster identities and UIDs."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import structs

from ks_reset import local
from ks_reset.errors import Stale, Usage
from ks_reset.facts.join_accounts import noted
from ks_reset.model import (
    Action,
    ClusterFacts,
    FleetFacts,
    Options,
    Plan,
    PlanCluster,
    PlannedConsequence,
    Skipped,
    Verb,
)
from ks_reset.plan.playbook import Playbook
from ks_reset.steps import Removal, Step, StepContext

SCHEMA = 5


def make(playbook: Playbook, facts: FleetFacts, options: Options) -> Plan:
    """What the playbook would do to these facts.

    A plan without a write, or without its playbook's purpose, holds no action but to take a seatbelt off that is on.
    """
    options = structs.replace(options, joins=noted(facts, options))
    steps = tuple(step.name for step in playbook.chosen)
    bare = StepContext(facts, options, playbook=playbook.name, scope=playbook.scope, steps=steps)
    doomed = frozenset(r.obj.uid for step in playbook.chosen for r in _removals(step, bare))
    ground = structs.replace(bare, doomed=doomed)
    yielded = [item for step in playbook.chosen for item in _yield(step, ground)]
    actions = _once(a for a in yielded if isinstance(a, Action))
    if not any((a.writes or a.verb is Verb.READY) and a.step == (playbook.purpose or a.step) for a in actions):
        actions = tuple(a for a in actions if a.verb is Verb.LOOSEN and a.uid)
    kept = tuple(dict.fromkeys(k for k in yielded if isinstance(k, Skipped)))
    plan = Plan(
        SCHEMA, facts.tool, facts.taken, playbook.name, playbook.scope, options, steps, _clusters(facts), actions, kept
    )
    return structs.replace(plan, digest=digest(plan))


def foreseen(plan: Plan, found: tuple[PlannedConsequence, ...]) -> Plan:
    """The same plan, with what others will do in answer; whoever approves it has seen that too."""
    whole = structs.replace(plan, foreseen=found)
    return structs.replace(whole, digest=digest(whole))


def _once(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Without a second deletion of what an earlier step deletes."""
    first: dict[tuple[str, ...], Action] = {}
    for action in actions:
        key = (action.cluster, action.uid) if action.verb is Verb.DELETE and action.uid else (action.id,)
        first.setdefault(key, action)
    return tuple(first.values())


def _clusters(facts: FleetFacts) -> tuple[PlanCluster, ...]:
    def named(world: ClusterFacts) -> PlanCluster:
        role = "host" if world is facts.host else "member"
        return PlanCluster(world.identity, world.name, world.context, world.endpoint, world.version, role)

    return tuple(named(world) for world in facts.clusters)


def _removals(step: Step, ground: StepContext) -> Iterable[Removal]:
    ground = ground if step.detaches else ground.whole
    if step.removes:
        for world in ground.facts.clusters:
            yield from (r for r in step.removes(world, ground) if isinstance(r, Removal))


def _yield(step: Step, ground: StepContext) -> Iterable[Action | Skipped]:
    ground = ground if step.detaches else ground.whole
    if step.actions:
        yield from step.actions(ground)
    if step.removes:
        for world in ground.facts.clusters:
            for item in step.removes(world, ground):
                if isinstance(item, Skipped):
                    yield item
                else:
                    yield Action.on(item.obj, step.name, world.identity, Verb.DELETE, item.why, along=item.along)


def digest(plan: Plan) -> str:
    """SHA-256 over the canonical JSON of everything in the plan but the digest itself."""
    return hashlib.sha256(msgspec.json.encode(structs.replace(plan, digest=""), order="sorted")).hexdigest()


def encode(plan: Plan) -> bytes:
    """The one way a plan is written; a file with any other byte in it is not the plan that was saved."""
    return msgspec.json.format(msgspec.json.encode(plan, order="sorted"), indent=1) + b"\n"


def save(plan: Plan, path: Path) -> None:
    """Write a plan, mode 0600. Raises Usage if the file cannot be written."""
    try:
        local.write(path, encode(plan))
    except OSError as error:
        raise Usage(f"The plan cannot be written to {path}: {error.strerror}.") from error


def load(path: Path) -> Plan:
    """Read a plan. Raises Usage if the file cannot be read, Stale if it is not the plan that was saved."""
    again = "Make a new one with ks-reset plan -o."
    try:
        data = path.read_bytes()
        plan = msgspec.json.decode(data, type=Plan)
    except OSError as error:
        raise Usage(f"The plan {path} cannot be read: {error.strerror or error}.") from error
    except msgspec.MsgspecError as error:
        raise Stale(f"{path} is not a plan that ks-reset wrote: {error}. {again}") from error
    if plan.schema != SCHEMA:
        raise Stale(f"The plan {path} has schema {plan.schema}, this ks-reset reads {SCHEMA}. {again}")
    if plan.digest != digest(plan) or data != encode(plan):
        raise Stale(f"The plan {path} was changed after it was made: its digest does not fit its content. {again}")
    return plan
