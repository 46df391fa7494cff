"""Facts with the records not dialled leading to one of these clusters, as they may from inside.

Where something else tells the cluster, no other is supposed: KubeSphere's label on the Cluster of the host itself, and
the UID noted by KubeSphere in status.uid of the Cluster, from the same address with the same CA (kubesphere v3.3.1
and v4.1.3, pkg/controller/cluster/cluster_controller.go). A record without credentials is of use to nobody.
"""

from msgspec import structs

from ks_reset.facts.federation import address_of, identity_by_record, own_records
from ks_reset.model import ClusterFacts, Dial, FleetFacts, Reach


def unknown_dials(host: ClusterFacts, identity: str) -> list[Dial]:
    """The dials of KubeFedClusters and Clusters without an answer that may lead to the cluster with this identity."""
    of_records = identity_by_record(host.dials, host.connections)
    of_clusters = identity_by_record(host.connections)
    dials = [d for d in host.dials if not of_records[d.record]]
    connections = [d for d in host.connections if not (of_clusters[d.record] or of_records.get(d.record))]
    unknown = [d for d in (*dials, *connections) if d.reach is not Reach.NO_SECRET]
    return [d for d in unknown if _told_identity(host, d) in ("", identity)]


def supposing(facts: FleetFacts, dials: list[Dial], identity: str) -> FleetFacts:
    """The same facts, had these records led to the cluster with this identity."""

    def led(dial: Dial) -> Dial:
        return dial.but(identity=identity, reach=Reach.REACHED) if dial in dials else dial

    host = facts.host
    of_records, of_clusters = tuple(map(led, host.dials)), tuple(map(led, host.connections))
    return structs.replace(facts, host=structs.replace(host, dials=of_records, connections=of_clusters))


def _told_identity(host: ClusterFacts, dial: Dial) -> str:
    """The cluster behind a record without an answer, as KubeSphere's label or status.uid tells it; "" for neither."""
    if dial.record in own_records(host):
        return host.identity
    noted = [c for c in host.connections if c.record == dial.record and c.recorded]
    return noted[0].recorded if noted and address_of(noted[0]) == address_of(dial) else ""
