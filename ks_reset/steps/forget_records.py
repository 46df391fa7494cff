"""Delete the records of members that leave, while their host stays: Cluster, KubeFedCluster, and its Secret.

The Cluster goes first: as long as it is there, the host joins that member again (kubesphere v3.3.1,
pkg/controller/cluster/cluster_controller.go, syncCluster). Secrets go last: a record without one cannot be dialled.
"""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.model import ClusterFacts, Obj, Skipped
from ks_reset.steps.step import Removal, Step, StepContext

WHY = "A record of a member that left makes kubefed wait for it, or work on whatever answers at its address."
GRANTED = "iam.kubesphere.io/granted-clusters"


def leavers(ground: StepContext) -> list[Obj]:
    """The Clusters and KubeFedClusters that go."""
    host, names = ground.facts.host, ground.leaving
    return [o for key in (federation.CLUSTER, federation.RECORD) for o in host.of(key) if o.name in names]


def removes(world: ClusterFacts, ground: StepContext) -> Iterable[Removal | Skipped]:
    if world is not ground.facts.host:
        return
    gone = leavers(ground)
    for record in gone:
        yield Removal(record, "its member leaves")
    for record in gone:
        secret = federation.secret_of(world, record)
        if secret and federation.only_user(world, record, secret):
            yield Removal(secret, f"the credentials of the record {record.name} alone", record.uid)
    for user in world.of("User.iam.kubesphere.io"):
        if found := sorted(set(user.annotations.get(GRANTED, "").split(",")) & ground.leaving):
            yield Skipped(
                world.name, user.title, f"{GRANTED} names {', '.join(found)}; a cluster of that name is shown"
            )


STEP = Step("forget-records", WHY, after=("prove-paused", "release-records"), removes=removes)
