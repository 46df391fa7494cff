"""The simulation of every controller: the garbage collector, the namespace controller, finalizers, kubefed, KubeSphere.

An actor is a function from a state to its possible next transitions, one controller a file in `actors`. `run` runs all
actors to the end, `chains` finds the causes of a consequence, and the tests explore the actors in every interleaving.
"""

from ks_reset.simulation.blockers import Blocker, holds
from ks_reset.simulation.chains import Consequence, Link, Outcome, effects, lost, told
from ks_reset.simulation.foresee import StepConsequence, foresee, harmless
from ks_reset.simulation.run import ACTORS, Trace, settle
from ks_reset.simulation.state import State, facts_of
from ks_reset.simulation.threats import in_danger, said, threats, why_lost

__all__ = [
    "ACTORS",
    "Blocker",
    "Consequence",
    "Link",
    "Outcome",
    "State",
    "StepConsequence",
    "Trace",
    "effects",
    "facts_of",
    "foresee",
    "harmless",
    "holds",
    "in_danger",
    "lost",
    "said",
    "settle",
    "threats",
    "told",
    "why_lost",
]
