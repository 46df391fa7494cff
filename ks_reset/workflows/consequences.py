"""The consequences of a plan as the plan names them: whose each object is, and which volumes outlive their claims."""

from collections.abc import Iterable

from msgspec import structs

from ks_reset.catalogue.names import PERSISTENT_VOLUME_CLAIM_KEY, PERSISTENT_VOLUME_KEY
from ks_reset.catalogue.ownership import is_users
from ks_reset.facts.contents import Accounts, leaving_namespaces
from ks_reset.facts.given_up import is_data_given_up, is_given_up
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.facts.stored_data import stored_data, way_back
from ks_reset.facts.volumes import is_reclaimed
from ks_reset.model import LOST, ClusterFacts, FleetFacts, Obj, PlannedConsequence, Request, Skipped, StoredData
from ks_reset.simulation import StepConsequence

GOES, KEPT, STAYS = "goes", "kept", "stays"
GIVEN_UP, ENDING, KUBESPHERE, USER = "given up", "ending", "kubesphere", "user"


def planned_consequences(
    request: Request, consequences: Iterable[StepConsequence], facts: FleetFacts
) -> tuple[PlannedConsequence, ...]:
    """The consequences in the words of the plan."""
    owners = {cluster.name: Ownership(cluster, request) for cluster in facts.clusters}
    return tuple(_as_planned(consequence, owners[consequence.effect.cluster]) for consequence in consequences)


class Ownership:
    """Whose the objects of a cluster are that go with a plan."""

    def __init__(self, cluster: ClusterFacts, request: Request) -> None:
        self._cluster, self._request = cluster, request
        self._accounts = Accounts(cluster)
        self._leaving, self._shared = set(leaving_namespaces(cluster, request)), SharedNamespaces(cluster, request)

    def of(self, obj: Obj) -> str:
        """kubesphere, controller, given up (by a flag), ending (in deletion already), user or unknown."""
        if is_data_given_up(self._cluster, obj, self._request):
            return GIVEN_UP
        if obj.namespace in self._leaving or self._shared.goes(obj):
            whose = str(self._accounts.of(obj).whose)
            return GIVEN_UP if whose == "unknown" and is_given_up(obj, self._request) else whose
        return ENDING if obj.deleting else USER if is_users(obj, self._cluster) else KUBESPHERE


def _as_planned(consequence: StepConsequence, ownership: Ownership) -> PlannedConsequence:
    effect = consequence.effect
    last = effect.chain[-1]
    why = f"{last.actor} {last.deed} it: {last.why}" + (f"; {effect.detail}" if effect.detail else "")
    whose = ownership.of(consequence.obj) if effect.fate in LOST else ""
    return PlannedConsequence(consequence.step, effect.cluster, effect.object, effect.fate, why, effect.uid, whose)


def planned_data(consequences: Iterable[StepConsequence], facts: FleetFacts) -> tuple[StoredData, ...]:
    """The data in KubeSphere's namespaces by name, each with what becomes of it."""
    lost = [c.effect for c in consequences if c.effect.fate in LOST]
    gone = {(effect.cluster, effect.uid) for effect in lost}
    return tuple(_with_fate(cluster, data, gone) for cluster in facts.clusters for data in stored_data(cluster))


def _with_fate(cluster: ClusterFacts, data: StoredData, gone: set[tuple[str, str]]) -> StoredData:
    namespace, _, name = data.claim.partition("/")
    claim = cluster.get(PERSISTENT_VOLUME_CLAIM_KEY, name, namespace)
    volume = cluster.get(PERSISTENT_VOLUME_KEY, data.volume)
    if claim is None or (cluster.name, claim.uid) not in gone:
        return structs.replace(data, fate=STAYS)
    if volume is None or (cluster.name, volume.uid) in gone or is_reclaimed(volume):
        return structs.replace(data, fate=GOES)
    return structs.replace(data, fate=KEPT, back=way_back(cluster, volume))


def retained_volumes(data: Iterable[StoredData]) -> tuple[Skipped, ...]:
    """The volumes that stay although their claims go, each with the way to find it again."""
    kept = (each for each in data if each.fate == KEPT)
    return tuple(
        Skipped(
            each.cluster, f"PersistentVolume {each.volume}", f"{each.size}, reclaim policy {each.policy}: {each.back}"
        )
        for each in kept
    )
