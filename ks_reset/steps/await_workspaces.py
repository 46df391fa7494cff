"""Wait until every Workspace is there, on every cluster where a namespace is to be bound to it."""

from collections.abc import Iterable

from ks_reset.facts.workspaces import WORKSPACE
from ks_reset.model import Action
from ks_reset.steps.actions import steady
from ks_reset.steps.step import Step, StepContext
from ks_reset.tenancy.memberships import flocks

WHY = "KubeSphere and kubefed make Workspaces in their own time; a namespace that comes first is bound to nothing."


def actions(ground: StepContext) -> Iterable[Action]:
    for world, workspace in flocks(ground.facts, ground.options.memory):
        if kind := world.kinds.get(WORKSPACE):
            yield steady(STEP.name, world, kind, workspace, "namespaces are to be bound to it")


STEP = Step("await-workspaces", WHY, after=("give-workspaces",), actions=actions)
