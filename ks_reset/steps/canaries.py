"""Bind a canary to every Workspace, on every cluster, before any business namespace."""

from collections.abc import Iterable

from ks_reset.facts.workspaces import binding
from ks_reset.model import Action, BeforeImage
from ks_reset.steps.actions import absent, create
from ks_reset.steps.step import Step, StepContext
from ks_reset.tenancy import canary
from ks_reset.tenancy.memberships import flocks

WHY = "Whatever deletes Workspaces deletes the canary's first; a business namespace has not been put at risk by then."


def actions(ground: StepContext) -> Iterable[Action]:
    for world, workspace in flocks(ground.facts, ground.options.memory):
        for kind, body in canary.bodies(workspace, binding(world, workspace)):
            past = BeforeImage(world.identity, kind, body)
            if absent(world, past):
                yield create(STEP.name, past, f"it is bound to {workspace} first")


STEP = Step("send-canaries", WHY, after=("await-workspaces",), actions=actions)
