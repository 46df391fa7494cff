"""kubefed's scheduler: a ReplicaSchedulingPreference writes the placement of the federated object of its name anew.

kubefed v0.8.1, pkg/schedulingtypes/replicascheduler.go (Reconcile, clustersReplicaState, schedule) and plugin.go
(GetResourceClusters, Reconcile). Ready clusters with the target stay placed, whatever their number of replicas, but for
one case: with `intersectWithClusterSelector` those not selected by the clusterSelector are dropped. Records that are
not Ready are dropped too, and placed again once they are: that race is not simulated, nor is an addition, which costs
no object.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import FEDERATED_NAMESPACE_KEY, SCHEDULING_PREFERENCE_KEY
from ks_reset.facts.federation import placed_records, selected_records
from ks_reset.model import Obj
from ks_reset.simulation.actors import kubefed
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject
from ks_reset.simulation.placement import cluster_records, type_configs
from ks_reset.simulation.reading import as_obj
from ks_reset.simulation.state import State

SOURCE = "kubefed v0.8.1, pkg/schedulingtypes/replicascheduler.go"
SCHEDULED = ("FederatedDeployment", "FederatedReplicaSet")
"""The kinds it schedules (Reconcile); the preference names one of them, and has the name of its object."""


def narrow_placements(state: State) -> Iterable[Transition]:
    """Federated objects it may write next: without the records not selected by the clusterSelector."""
    preferences = state.of_kind(SCHEDULING_PREFERENCE_KEY)
    if not preferences or not kubefed.is_running(state):
        return
    configs = {config.federated.partition(".")[0]: config for config in type_configs(state)}
    for preference in preferences:
        config = configs.get(_scheduled_kind(preference))
        federated = state.objects.get(preference.id._replace(key=config.federated)) if config else None
        if federated is None or federated.deleting or preference.id.cluster != state.facts.host.identity:
            continue
        records = [record.obj for record in cluster_records(state)]
        names, selected = sorted(placed_records(federated.obj, records)), _selected(state, federated, records)
        left = [name for name in names if name in selected]
        if selected and left != names:
            body = as_obj(federated).body
            placement = {**(body["spec"].get("placement") or {}), "clusters": [{"name": name} for name in left]}
            after = federated.with_body({**body, "spec": {**body["spec"], "placement": placement}})
            why = f"{preference.id.title} keeps the records that its clusterSelector selects"
            field = "spec.placement"
            yield Transition(kubefed.ACTOR, Effect.CHANGES, federated.id, after, preference.id, field, why, SOURCE)


def _scheduled_kind(preference: SimObject) -> str:
    """The kind a preference narrows; "" for none."""
    spec = preference.obj.spec
    kind = str(spec.get("targetKind", ""))
    return kind if kind in SCHEDULED and spec.get("intersectWithClusterSelector") else ""


def _selected(state: State, federated: SimObject, records: list[Obj]) -> frozenset[str]:
    """The records selected by the clusterSelector of the object and of its FederatedNamespace (selectorOnly)."""
    namespace = federated.id.namespace
    home = state.objects.get(Id(federated.id.cluster, FEDERATED_NAMESPACE_KEY, namespace, namespace))
    return selected_records(federated.obj, records) & selected_records(home.obj, records) if home else frozenset()
