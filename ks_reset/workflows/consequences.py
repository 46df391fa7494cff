"""The consequences of a plan as the plan names them: whose each object is, and which volumes outlive their claims."""

from collections.abc import Iterable

from ks_reset.catalogue.names import PERSISTENT_VOLUME_CLAIM_KEY
from ks_reset.catalogue.ownership import is_users
from ks_reset.facts.contents import Accounts, leaving_namespaces
from ks_reset.facts.given_up import is_data_given_up, is_given_up
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.facts.volumes import claim_of_volume, is_reclaimed, size_and_policy, volumes_of_claims
from ks_reset.model import LOST, ClusterFacts, FleetFacts, Obj, PlannedConsequence, Request, Skipped
from ks_reset.simulation import StepConsequence

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


def retained_volumes(consequences: Iterable[StepConsequence], facts: FleetFacts) -> tuple[Skipped, ...]:
    """The volumes that stay although their claims go, each with the way to find it again."""
    gone = [c for c in consequences if c.effect.fate in LOST and c.obj.kind.key == PERSISTENT_VOLUME_CLAIM_KEY]
    return tuple(
        Skipped(cluster.name, volume.title, _way_back(cluster, volume))
        for cluster in facts.clusters
        for volume in volumes_of_claims(cluster, {c.effect.uid for c in gone if c.effect.cluster == cluster.name})
        if not is_reclaimed(volume)
    )


def _way_back(cluster: ClusterFacts, volume: Obj) -> str:
    claim = claim_of_volume(cluster, volume)
    where = f"{claim.namespace}/{claim.name}" if claim else "of before"
    kubectl = f"kubectl --context {cluster.context}"
    return (
        f"{size_and_policy(volume)}: it stays with its data, in the phase Released, when its claim {where} goes. To "
        f"find it again: {kubectl} get persistentvolume {volume.name} -o yaml. To let a new claim have it: {kubectl} "
        f"""patch persistentvolume {volume.name} --type json -p '[{{"op":"remove","path":"/spec/claimRef"}}]', then """
        f"create a claim with spec.volumeName: {volume.name}"
    )
