"""Make the Cluster of each member that is to be joined, on the host; its controllers do the rest.

kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go; v4.1.3, the same path.
"""

from collections.abc import Iterable

from ks_reset.model import Action
from ks_reset.steps.actions import absent, create
from ks_reset.steps.step import Step, StepContext

WHY = "Whoever joins by kubectl is asked nothing; the gates of this playbook ask first."


def actions(ground: StepContext) -> Iterable[Action]:
    host = ground.facts.host
    for joining in ground.options.joining:
        if absent(host, joining.cluster):
            yield create(STEP.name, joining.cluster, f"it leads to the cluster {joining.reaches}")


STEP = Step("join-members", WHY, after=("fasten-seatbelt",), actions=actions)
