"""Watch canaries and Workspaces for longer than any controller waits before it looks again.

KubeSphere's informers list everything anew every 10 minutes (kubesphere v3.3.1, pkg/informers/informers.go,
defaultResync), its cluster controller every 2 (pkg/simple/client/multicluster/options.go,
DefaultResyncPeriod); kubefed looks at its clusters every 10 s (kubefed v0.8.1,
pkg/controller/kubefedcluster/controller.go).
"""

from collections.abc import Iterable

from ks_reset.facts.workspaces import WORKSPACE
from ks_reset.model import Action
from ks_reset.steps.actions import steady
from ks_reset.steps.step import Step, StepContext
from ks_reset.tenancy import canary
from ks_reset.tenancy.memberships import flocks

WHY = "A Workspace that is made anew even once would have taken its namespaces along; this is where that shows."
SECONDS = 660


def actions(ground: StepContext) -> Iterable[Action]:
    seconds = ground.options.watch or SECONDS
    for world, workspace in flocks(ground.facts, ground.options.memory):
        if kind := world.kinds.get(WORKSPACE):
            yield steady(STEP.name, world, kind, workspace, "its UID has to stay", seconds=seconds)
        home = canary.name(workspace)
        yield steady(STEP.name, world, canary.NAMESPACE, home, "the canary has to live, bound", seconds=seconds)
        why = "its workload has to stay"
        yield steady(STEP.name, world, canary.DEPLOYMENT, canary.INSIDE, why, namespace=home, seconds=seconds)


STEP = Step("watch-canaries", WHY, after=("send-canaries",), actions=actions)
