"""What every controller would do next: the garbage collector, the namespace controller, finalizers, kubefed.

An actor is a function from a state to the moves that it may make next; one a file. The same actors are run to the end
to foresee a plan (`settle`), asked for chains of causes (`outcome`), and explored in every interleaving by the tests.
"""

from ks_reset.simulation.blockers import Blocker, holds
from ks_reset.simulation.chains import Consequence, Link, Outcome, effects, lost, told
from ks_reset.simulation.foresee import StepConsequence, foresee, harmless
from ks_reset.simulation.run import ACTORS, Trace, settle
from ks_reset.simulation.state import State, facts_of
from ks_reset.simulation.threats import in_danger, said, threatened, threats, why_lost

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
    "threatened",
    "threats",
    "told",
    "why_lost",
]
