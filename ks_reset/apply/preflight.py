"""All checks before the first write: same clusters, nothing unknown, no finding in the way, permissions."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.apply.approved_marks import late_marks
from ks_reset.apply.permissions import needed_permissions
from ks_reset.apply.remaining import approved_actions, remaining_actions
from ks_reset.cluster import Client
from ks_reset.credentials.digests import current_key, has_digest, way_to_key
from ks_reset.errors import Refused, Stale, Unknown
from ks_reset.facts import Clients
from ks_reset.findings import require_unblocked
from ks_reset.findings.mend import lacking_permission
from ks_reset.journal import Journal, require_no_unfinished
from ks_reset.model import Action, FleetFacts, Permission, Plan
from ks_reset.plan import make as planning
from ks_reset.plan.again import command_again, connection_flags
from ks_reset.plan.file import encode_plan
from ks_reset.plan.playbook import Playbook, load_playbook
from ks_reset.simulation import foresee_consequences, refuse_losses

NAMES = 3
"""How many objects a message names."""
BRAKES = ("unbind", "defuse")
"""Playbooks that only remove references by which objects are lost: no unfinished run of before holds them up."""


def preflight(
    fleet: Clients, plan: Plan, playbook: Playbook, say: Callable[[str], None]
) -> tuple[FleetFacts, list[Action]]:
    """Read the fleet and check the plan against it; the facts, and which approved actions remain.

    Raises Stale if the clusters differ from the planned ones, OtherSchema for an unfinished run of another version,
    Refused or Unknown if a finding blocks, a user's object would be lost, or a permission is missing.
    """
    _require_same_key(plan)
    if playbook.name not in BRAKES:
        require_no_unfinished(plan)
    facts = reading.read_fleet(fleet, say)
    require_same_clusters(facts, plan)
    require_unblocked(playbook, facts, plan.options)
    fresh = planning.make_plan(playbook, facts, plan.options)
    refuse_losses(fresh, foresee_consequences(fresh, facts), facts)
    remaining = remaining_actions(plan, fresh, facts, Journal.of_plan(plan))
    require_late_marks_harmless(plan, fresh, facts)
    if remaining:
        require_permissions(fleet, plan, facts, [*remaining, *actions_of_fallback(playbook, facts, plan)])
    return facts, remaining


def recheck(plan: Plan, playbook: Playbook, facts: FleetFacts) -> None:
    """Ask findings and simulation again, once lists are read that could not be read when the plan was made.

    Raises Refused or Unknown as `preflight`.
    """
    require_unblocked(playbook, facts, plan.options)
    fresh = planning.make_plan(playbook, facts, plan.options)
    refuse_losses(fresh, foresee_consequences(fresh, facts), facts)


def require_late_marks_harmless(plan: Plan, fresh: Plan, facts: FleetFacts) -> None:
    """Raises Stale if the marks added since the approval, left on their objects, lead to a loss."""
    late, approved = late_marks(plan, fresh), structs.replace(fresh, actions=tuple(approved_actions(plan, fresh)))
    if approved.actions == fresh.actions:
        return
    try:
        refuse_losses(approved, foresee_consequences(approved, facts))
    except Refused as error:
        named = "; ".join(f"{each.object} ({', '.join(each.marks.names)})" for each in late[:NAMES])
        raise Stale(
            f"Marks were added since the plan was made: {named or 'a controller may add some'}. The approved plan "
            "does not remove them, and it is not safe to leave them. Make a new plan ("
            f"{command_again(plan)}), read it, and apply that one. What follows otherwise: {error}"
        ) from error


def _require_same_key(plan: Plan) -> None:
    """Raises Stale for a plan with digests made with another key: they would differ from those of the fresh facts."""
    if plan.key != current_key().id and has_digest(encode_plan(plan).decode()):
        raise Stale(
            "The plan holds digests of values that were made with another key than the one in this state directory. "
            f"Nothing was sent. {way_to_key()}"
        )


def require_same_clusters(facts: FleetFacts, plan: Plan) -> None:
    """Raises Stale if the facts are of other clusters than the plan, Unknown if one of its members is silent."""
    reached = {world.identity: world.context for world in facts.clusters}
    planned = {c.identity: c for c in plan.clusters}
    if facts.host.identity != plan.clusters[-1].identity:
        wanted = plan.clusters[-1]
        raise Stale(
            f"The plan is for the host {wanted.name} with identity {wanted.identity}, but the context "
            f"{facts.host.context} reaches {facts.host.identity}. Nothing was sent. The plan was made with: "
            f"{connection_flags(plan)}."
        )
    if facts.missing:
        silent = facts.missing[0]
        raise Unknown(
            f"The member {silent.name} of the plan does not answer ({silent.why}). Nothing was sent. Run the same "
            f"command when it does, or plan without it: --later {silent.name}."
        )
    if reached.keys() != planned.keys():
        missing = ", ".join(planned[i].name for i in planned.keys() - reached.keys())
        extra = ", ".join(reached[i] for i in reached.keys() - planned.keys())
        raise Stale(
            "The plan is for other clusters than these"
            + (f"; not given: {missing}" if missing else "")
            + (f"; not planned: {extra}" if extra else "")
            + f". Nothing was sent. The plan was made with: {connection_flags(plan)}."
        )


def require_permissions(fleet: Clients, plan: Plan, facts: FleetFacts, actions: Iterable[Action]) -> None:
    """Check every permission that these actions need, and those for the run lock. Raises Refused with the missing ones.

    Of a finished plan no action is left, and nothing is asked.
    """
    todo, lacking = list(actions), list[str]()
    for world in facts.clusters:
        client = fleet.cluster(world.identity)
        mine = [action for action in todo if action.cluster == world.identity]
        needed = sorted(needed_permissions(mine, world, plan.material.install))
        lacking += grants_of(client, missing_permissions(client, needed))
    if lacking:
        raise Refused(
            f"You lack permissions for this plan. Nothing was sent. {' '.join(lacking)} Then run the same command "
            "again. Or use another context, or --as."
        )


def missing_permissions(client: Client, needed: Iterable[Permission]) -> list[Permission]:
    """Those that the API server would not allow: each is asked for all objects of its type first, then by name."""
    named = list(needed)
    wide = {structs.replace(each, name="") for each in named}
    denied = {each for each in sorted(wide) if not client.is_allowed(each.verb, each.kind, each.namespace)}
    asked = [each for each in named if structs.replace(each, name="") in denied]
    return [a for a in asked if not (a.name and client.is_allowed(a.verb, a.kind, a.namespace, a.name))]


def grants_of(client: Client, missing: Sequence[Permission]) -> Iterable[str]:
    """For each set of verbs, a sentence with the resources and the commands that give the verbs on them."""
    by_resource: dict[str, list[str]] = {}
    for each in missing:
        words = by_resource.setdefault(each.kind.resource, [])
        words += [each.verb] if each.verb not in words else []
    for verbs in sorted({tuple(verbs) for verbs in by_resource.values()}):
        resources = sorted(resource for resource, mine in by_resource.items() if tuple(mine) == verbs)
        yield lacking_permission(client.context, verbs, resources, client.way.user)


def actions_of_fallback(playbook: Playbook, facts: FleetFacts, plan: Plan) -> tuple[Action, ...]:
    """The actions of the playbook that is applied at once after a loss: it may not fail for a permission then."""
    return planning.make_plan(load_playbook(playbook.back), facts, plan.options).actions if playbook.back else ()
