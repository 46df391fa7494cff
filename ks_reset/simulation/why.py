"""Why a namespace that should have stayed is going: the chain that leads there from a state, in words."""

from ks_reset import catalogue
from ks_reset.simulation.chains import Outcome, effects
from ks_reset.simulation.events import started
from ks_reset.simulation.foresee import told
from ks_reset.simulation.run import settle
from ks_reset.simulation.state import State

LOST = (Outcome.DELETED, Outcome.STUCK)


def why_lost(state: State, cluster: str, name: str, key: str = "Namespace") -> str:
    """The chain, as things stood or with a controller started again that was stopped; or that there is none."""
    for supposed in (state, started(state, catalogue.reacts)):
        for thing, effect in effects(settle(supposed.belt(frozenset()))):
            if (thing.id.cluster, thing.id.key, thing.id.name) == (cluster, key, name) and effect.fate in LOST:
                return f"The chain that leads there:\n{told(effect)}"
    return (
        "No controller that ks-reset knows would do that as things stood: somebody, or something else, deleted it. "
        "The API server's audit log says who."
    )
