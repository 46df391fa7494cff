"""Delete KubeSphere's and kubefed's webhooks that nobody answers for and that stand in the way of records.

kubefed's covers each change of a KubeFedCluster and fails closed (kubefed v0.8.1, charts/kubefed/charts/
controllermanager/templates/webhook.yaml). Its chart brings it back with the next upgrade; one that is answered stays.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.webhooks import CONFIGURATIONS, covers, has_endpoints, hooks, services
from ks_reset.model import ClusterFacts, Obj
from ks_reset.steps.forget_records import leavers
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "A webhook without its backend refuses the patch that takes off a record's finalizer, and the record stays."
OPERATIONS = ("UPDATE", "DELETE")


def removes(world: ClusterFacts, ground: StepContext) -> Iterable[Removal]:
    records = leavers(ground) if world is ground.facts.host else []
    for key in CONFIGURATIONS:
        for obj in world.of(key):
            proof = catalogue.webhook_proof(obj)
            if proof and any(_blocks(world, obj, record) for record in records):
                yield Removal(obj, f"nobody answers, and it covers the records that go; {proof}")


def _blocks(world: ClusterFacts, configuration: Obj, record: Obj) -> bool:
    home = world.get("Namespace", record.namespace)
    labels = home.labels if home else None
    asked = [
        hook
        for hook in hooks(configuration)
        if hook.get("failurePolicy", "Fail") == "Fail"
        and any(covers(hook, record.kind, operation, record.labels, labels) for operation in OPERATIONS)
    ]
    return bool(asked) and any(not has_endpoints(world, *called) for called in services(configuration))


STEP = Step("remove-dead-webhooks", WHY, after=("prove-paused",), removes=removes)
