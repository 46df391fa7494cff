"""One step of a plan: each object with its UID and reason, and what follows from the step."""

import shlex
from pathlib import Path

from rich.console import Console

from ks_reset.errors import UnknownName
from ks_reset.model import Plan


def step_named(plan: Plan, step: str, file: Path) -> str:
    """The step of this number or name. Raises UnknownName with the steps that there are in the plan of this file."""
    if step.isdecimal() and 0 < int(step) <= len(plan.steps):
        return plan.steps[int(step) - 1]
    if step in plan.steps:
        return step
    known = f"There are: {steps_in_a_line(plan)}. The first: ks-reset show {shlex.quote(str(file))} --step 1."
    raise UnknownName(f"The plan has no step {step}. {known}", step, plan.steps)


def steps_in_a_line(plan: Plan) -> str:
    """`1 fasten-seatbelt, 2 stop-controllers, …`"""
    return ", ".join(f"{number} {step}" for number, step in enumerate(plan.steps, 1))


def print_step(plan: Plan, step: str, console: Console) -> None:
    """Print a line for each action of the step, and for each consequence, by cluster."""
    actions = [action for action in plan.actions if action.step == step]
    effects = [effect for effect in plan.foreseen if effect.step == step]
    number = plan.steps.index(step) + 1
    console.print(f"Step {number} of {len(plan.steps)}, {step}: {len(actions)} action(s), {len(effects)} follow")
    names = {cluster.identity: cluster.name for cluster in plan.clusters}
    for action in actions:
        head = f"{names.get(action.cluster, action.cluster)}  {action.word} {action.target}"
        uid = f"  uid {action.uid}" if action.uid else ""
        console.print(f"  {head}{uid}{f': {action.why}' if action.why else ''}", markup=False, soft_wrap=True)
    for effect in effects:
        line = f"  {effect.cluster}  follows: {effect.fate} {effect.object}: {effect.why}"
        console.print(line, markup=False, soft_wrap=True, style="dim")
