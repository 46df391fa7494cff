"""Worlds with one list, API group or answer taken away, as a reading leaves them."""

from collections.abc import Iterable

from msgspec import structs

from ks_reset.catalogue.names import CLUSTER_KEY, KUBEFED_CLUSTER_KEY
from ks_reset.model import ClusterFacts, FleetFacts, Gap, Reach

WHY = 'User "viewer" cannot list resource: 403'


def gapped_fleets(facts: FleetFacts) -> Iterable[tuple[str, Gap, FleetFacts]]:
    """Each fleet with one thing not read: the name of the cluster, the gap, and the facts."""
    for cluster in facts.clusters:
        for gap, less in (*_without_lists(cluster), *_without_groups(cluster), *_without_answers(cluster)):
            changed = structs.replace(less, gaps=(*cluster.gaps, gap))
            yield cluster.name, gap, with_cluster(facts, cluster, changed)


def with_cluster(facts: FleetFacts, cluster: ClusterFacts, changed: ClusterFacts) -> FleetFacts:
    """The fleet with this cluster changed."""
    host = changed if cluster is facts.host else facts.host
    return structs.replace(facts, host=host, members=tuple(changed if m is cluster else m for m in facts.members))


def without_rights(facts: FleetFacts) -> FleetFacts:
    """The fleet as read by an account that may list nothing."""
    for cluster in facts.clusters:
        gaps = tuple(Gap(f"list of {kind.resource}", WHY) for kind in cluster.kinds.values())
        blind = structs.replace(cluster, objects={}, dials=(), connections=(), jwt="", gaps=(*cluster.gaps, *gaps))
        facts = with_cluster(facts, cluster, blind)
    return facts


def _without_lists(cluster: ClusterFacts) -> Iterable[tuple[Gap, ClusterFacts]]:
    for key in cluster.objects:
        yield Gap(f"list of {cluster.kinds[key].resource}", WHY), _without_types(cluster, {key})


def _without_groups(cluster: ClusterFacts) -> Iterable[tuple[Gap, ClusterFacts]]:
    for group, version in {(kind.group, kind.version) for kind in cluster.kinds.values() if kind.group}:
        keys = {key for key, kind in cluster.kinds.items() if kind.group == group}
        less = _without_types(cluster, keys)
        kinds = {key: kind for key, kind in cluster.kinds.items() if key not in keys}
        yield Gap(f"API group {group}/{version}", "503"), structs.replace(less, kinds=kinds)


def _without_answers(cluster: ClusterFacts) -> Iterable[tuple[Gap, ClusterFacts]]:
    if cluster.jwt:
        yield Gap("ConfigMap kubesphere-system/kubesphere-config", WHY), structs.replace(cluster, jwt="")
    for number, dial in enumerate(cluster.dials):
        unread = dial.but(reach=Reach.NOT_DIALLED, identity="", version="", expires="", account="")
        dials = tuple(unread if at == number else other for at, other in enumerate(cluster.dials))
        yield Gap(f"dial of {dial.record}", WHY), structs.replace(cluster, dials=dials)


def _without_types(cluster: ClusterFacts, keys: set[str]) -> ClusterFacts:
    objects = {key: objs for key, objs in cluster.objects.items() if key not in keys}
    less = structs.replace(cluster, objects=objects)
    less = structs.replace(less, dials=()) if KUBEFED_CLUSTER_KEY in keys else less
    return structs.replace(less, connections=()) if CLUSTER_KEY in keys else less
