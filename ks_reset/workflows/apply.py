"""Apply an approved plan, and say where its journal is."""

from pathlib import Path

from msgspec import Struct

from ks_reset import apply as applying
from ks_reset.apply import PARALLELISM, Credentials, LateMarks
from ks_reset.facts import Clients
from ks_reset.journal import Journal
from ks_reset.model import Approval, Delete, Plan, SeatbeltOn
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.playbook import Playbook
from ks_reset.workflows.interaction import Interaction


class Applied(Struct, frozen=True):
    """A plan applied to its end: how many writes were sent, and the folder of its journal.

    `left` and `also` are as in RunResult.
    """

    plan: Plan
    playbook: Playbook
    writes: int
    journal: Path
    left: tuple[LateMarks, ...] = ()
    also: tuple[Delete, ...] = ()


def apply_plan(
    clients: Clients,
    plan: Plan,
    timeout: int,
    credentials: Credentials,
    interaction: Interaction,
    parallelism: int = PARALLELISM,
    *,
    approval: Approval,
) -> Applied:
    """Apply a plan, with `timeout` in seconds for each step, and so many writes at once on a cluster.

    Raises all errors of `ks_reset.apply.apply`.
    """
    journal, book = Journal.of_plan(plan).folder, playbooks.playbook_of_plan(plan.playbook, plan.scope, plan.steps)
    try:
        with interaction.progress() as progress:
            result = applying.apply_with_fallback(
                clients, plan, book, progress, float(timeout), credentials, parallelism, approval
            )
    except KeyboardInterrupt:
        if any(isinstance(action, SeatbeltOn) for action in plan.actions):
            interaction.say("The seatbelt of a run stays on until the run is finished.")
        interaction.say(
            f"Interrupted. The journal of what was done is in {journal}; the same command continues. What is left: "
            f"ks-reset runs show {journal.name}."
        )
        raise
    return Applied(plan, book, result.writes, journal, result.left, result.also)
