"""Delete KubeSphere's webhooks and aggregated APIs, whose backends no longer answer.

With failurePolicy Fail they refuse every finalizer patch that follows (ks-installer v3.3.1, roles/ks-multicluster;
kubefed v0.8.1, charts/kubefed). They are known by the Service they call, never by their name.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.webhooks import CONFIGURATIONS
from ks_reset.model import ClusterFacts
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "A webhook without its backend refuses every write it covers, so webhooks go before anything they cover."
APISERVICE = "APIService.apiregistration.k8s.io"


def removes(world: ClusterFacts, _: StepContext) -> Iterable[Removal]:
    for key in CONFIGURATIONS:
        for obj in world.of(key):
            if proof := catalogue.webhook_proof(obj):
                yield Removal(obj, proof)
    for obj in world.of(APISERVICE):
        if (obj.spec.get("service")) and (proof := catalogue.apiservice_proof(obj)):
            yield Removal(obj, proof)


STEP = Step("remove-webhooks", WHY, after=("prove-quiet",), removes=removes)
