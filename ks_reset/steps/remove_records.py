"""Delete the records of clusters: KubeFedCluster with its Secret, KubeSphere's Cluster, and kubefed's configuration.

A KubeFedCluster that survives a reinstall is what destroyed namespaces. A Cluster makes the host join its member
again every two minutes (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go). Secrets go last: a record
without one cannot be dialled, and a run that was killed in between has to know its clusters again.
"""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.model import ClusterFacts
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "A record that survives is found by the next kubefed, which then works through two names on one cluster."


def removes(world: ClusterFacts, _: StepContext) -> Iterable[Removal]:
    for key in federation.RECORDS:
        for obj in world.of(key):
            yield Removal(obj, f"its API group {obj.kind.group} is kubefed's or KubeSphere's")
    for record in world.of(federation.RECORD):
        if secret := federation.secret_of(world, record):
            yield Removal(secret, f"the credentials of KubeFedCluster {record.name}", record.uid)


STEP = Step("remove-records", WHY, after=("prove-quiet", "release-finalizers", "remove-federated"), removes=removes)
