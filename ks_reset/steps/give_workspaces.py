"""Make the WorkspaceTemplates again that are not there; KubeSphere makes the Workspaces of them.

kubesphere v3.3.1, pkg/controller/workspacetemplate/workspacetemplate_controller.go.
"""

from collections.abc import Iterable

from ks_reset.model import Action, Memory, Skipped
from ks_reset.steps.actions import absent, create, served
from ks_reset.steps.step import Step, StepContext
from ks_reset.tenancy.memberships import against
from ks_reset.tenancy.memory import TEMPLATE

WHY = "A namespace can only be bound to a Workspace that is there."


def actions(ground: StepContext) -> Iterable[Action | Skipped]:
    facts, memory = ground.facts, ground.options.memory or Memory("")
    for past in memory.objects:
        if past.kind.key == TEMPLATE and absent(facts.host, past):
            if served(facts.host, past):
                yield create(STEP.name, past, "it was there")
            else:
                yield Skipped(facts.host.name, past.obj.title, f"{past.kind.api_version} is not served here")
    for bond in memory.bonds:
        if why := against(facts, memory, bond):
            world = facts.world(bond.cluster)
            yield Skipped(world.name if world else bond.cluster, f"Namespace {bond.namespace}", f"is not bound: {why}")


STEP = Step("give-workspaces", WHY, after=("fasten-seatbelt",), actions=actions)
