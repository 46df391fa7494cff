"""Which of several released finalizers would lead to the loss of a user's object: the plan leaves these out."""

from collections.abc import Sequence

from ks_reset.model import LOST, FleetFacts, Material, Plan, RemoveMarks, Request
from ks_reset.simulation.chains import Consequence
from ks_reset.simulation.foresee import foresee_consequences


def losses_of_releases(facts: FleetFacts, releases: Sequence[RemoveMarks]) -> dict[str, str]:
    """The title of a lost object for each action, by its id, that leads to a loss; empty if none does.

    All are tried together, as the plan would send them. Those in the chain of a loss are left out, and the others are
    tried again. A loss without one of them in its chain is blamed on all of its cluster.
    """
    blamed: dict[str, str] = {}
    left = list(releases)
    while left and (lost := _losses(facts, left)):
        guilty = {a.id: effect.object for effect in lost for a in left if _is_cause(facts, a, effect)}
        if not guilty:
            names = {effect.cluster: effect.object for effect in lost}
            guilty = {a.id: name for a in left if (name := names.get(_name(facts, a)))} or {a.id: "" for a in left}
        blamed |= guilty
        left = [action for action in left if action.id not in blamed]
    return blamed


def _losses(facts: FleetFacts, actions: Sequence[RemoveMarks]) -> list[Consequence]:
    about = (0, "", "", "", "fleet", Request(), Material())
    plan = Plan(*about, steps=(actions[0].step,), clusters=(), actions=tuple(actions))
    foreseen = foresee_consequences(plan, facts)
    return [each.effect for each in foreseen if each.is_users and each.effect.fate in LOST]


def _is_cause(facts: FleetFacts, action: RemoveMarks, effect: Consequence) -> bool:
    """Whether the released object is in the chain of a loss, or is what is lost."""
    titles = {title for link in effect.chain for title in (link.object, link.cause)} | {effect.object}
    return action.target in titles and effect.cluster == _name(facts, action)


def _name(facts: FleetFacts, action: RemoveMarks) -> str:
    cluster = facts.cluster(action.cluster)
    return cluster.name if cluster else ""
