"""One step of a plan: each object with its UID and reason, and what follows from the step."""

import shlex
from pathlib import Path

from rich.console import Console

from ks_reset.errors import UnknownName
from ks_reset.language import translate, translate_phrase, translate_word
from ks_reset.model import Plan
from ks_reset.report.titles import consequence_reason, step_title


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
    about = (number, len(plan.steps), step_title(step), len(actions), len(effects))
    console.print(translate_phrase("Step {0} of {1}, {2}: {3} action(s), {4} follow", *about), markup=False)
    names = {cluster.identity: cluster.name for cluster in plan.clusters}
    for action in actions:
        head = f"{names.get(action.cluster, action.cluster)}  {translate_word(action.word)} {action.target}"
        uid = f"  uid {action.uid}" if action.uid else ""
        why = translate_phrase(": {0}", translate(action.why)) if action.why else ""
        console.print(f"  {head}{uid}{why}", markup=False, soft_wrap=True)
    for effect in effects:
        fate = f"{translate_phrase('follows: {0}', translate_word(effect.fate))} {effect.object}"
        line = f"  {effect.cluster}  {fate}{translate_phrase(': {0}', consequence_reason(effect.why))}"
        console.print(line, markup=False, soft_wrap=True, style="dim")
