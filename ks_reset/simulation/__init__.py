"""The simulation of every controller: the garbage collector, the namespace controller, finalizers, kubefed, KubeSphere.

An actor is a function from a state to its possible next transitions, one controller a file in `actors`. `run` runs all
actors to the end, `chains` finds the causes of a consequence, and the tests explore the actors in every interleaving.
"""

from ks_reset.simulation.added_marks import added_marks
from ks_reset.simulation.blockers import Blocker, blockers_of
from ks_reset.simulation.chains import Consequence, Link, as_numbered_lines, consequences_of, lost_objects
from ks_reset.simulation.foresee import StepConsequence, foresee_consequences, refuse_losses
from ks_reset.simulation.reading import facts_of
from ks_reset.simulation.run import ACTORS, Trace, run_controllers
from ks_reset.simulation.standing import state_of
from ks_reset.simulation.state import State
from ks_reset.simulation.threats import as_sentences, explain_loss, losses_by_time, losses_by_way_of, threatening_marks
from ks_reset.simulation.without_seatbelt import (
    defusing_playbooks,
    losses_without_seatbelt,
    refuse_losses_without_seatbelt,
)

__all__ = [
    "ACTORS",
    "Blocker",
    "Consequence",
    "Link",
    "State",
    "StepConsequence",
    "Trace",
    "added_marks",
    "as_numbered_lines",
    "as_sentences",
    "blockers_of",
    "consequences_of",
    "defusing_playbooks",
    "explain_loss",
    "facts_of",
    "foresee_consequences",
    "losses_by_time",
    "losses_by_way_of",
    "losses_without_seatbelt",
    "lost_objects",
    "refuse_losses",
    "refuse_losses_without_seatbelt",
    "run_controllers",
    "state_of",
    "threatening_marks",
]
