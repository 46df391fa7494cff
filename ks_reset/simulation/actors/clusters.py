"""The controller of Clusters on a host: it joins each one to kubefed, again and again; 4.x takes a deleted one away.

kubesphere v3.3.1 and v3.4.1, pkg/controller/cluster/cluster_controller.go (syncCluster, at each resync) and join.go
(createKubeFedCluster, checkWorkspaces): a missing KubeFedCluster is created, one that is there gets the address, the
credentials and the labels of its Cluster. kubesphere v4.1.3, pkg/controller/cluster/cluster_controller.go,
unbindWorkspaceTemplate: a Cluster being deleted is taken out of the placement of every template.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    FEDERATED_WORKSPACE_KEY,
    KUBEFED_CLUSTER_KEY,
    KUBEFED_MANAGED_LABEL,
    KUBEFED_NAMESPACE,
    NAMESPACE_KEY,
    WORKSPACE_KEY,
    WORKSPACE_TEMPLATE_KEY,
)
from ks_reset.model import Obj
from ks_reset.simulation.actors.ks_controller_manager import ACTOR, FINISHED, release_object
from ks_reset.simulation.actors.manager_version import UNFEDERATED, may_spread, running_clusters, running_versions
from ks_reset.simulation.move import Effect, Transition
from ks_reset.simulation.objects import Id, SimObject, to_sim_object
from ks_reset.simulation.reading import as_obj
from ks_reset.simulation.state import State

SOURCE = "kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go"
SOURCE_4 = "kubesphere v4.1.3, pkg/controller/cluster/cluster_controller.go"
FIELD = "spec.joinFederation"
CHECKED = (3, 1)
"""The first version that looks at the Workspaces of a cluster before it joins it (checkWorkspaces)."""


def join_federation(state: State) -> Iterable[Transition]:
    """KubeFedClusters it may create next: of Clusters without one."""
    for cluster in _clusters_to_join(state):
        place = _record_place(cluster)
        kind = state.served_kind(place.cluster, KUBEFED_CLUSTER_KEY)
        if kind and place not in state.objects and not _is_refused(state, cluster):
            meta = {"name": place.name, "namespace": place.namespace, "labels": dict(cluster.labels)}
            body = {"metadata": meta, "spec": {"secretRef": {"name": f"{place.name}-secret"}}}
            made = to_sim_object(place.cluster, Obj(kind, body)).with_body(body)
            why = f"the Cluster {place.name} has no record"
            uid = state.fresh_uid(place)
            yield Transition(ACTOR, Effect.MAKES, place, made.with_fields(uid=uid), cluster.id, FIELD, why, SOURCE)


def rewrite_records(state: State) -> Iterable[Transition]:
    """KubeFedClusters it may write next: those that reach another cluster than their Cluster, or have other labels."""
    for cluster in _clusters_to_join(state):
        record = state.objects.get(_record_place(cluster))
        if record is None or record.deleting:
            continue
        wanted = state.identity_by_connection.get(cluster.id.name, "")
        moved = wanted and state.identity_by_record.get(cluster.id.name, "") not in ("", wanted)
        if moved or record.labels != cluster.labels:
            body = as_obj(record).body
            after = record.with_body({**body, "metadata": {**body["metadata"], "labels": dict(cluster.labels)}})
            why = f"it gets the address and the labels of the Cluster {cluster.id.name}"
            yield Transition(ACTOR, Effect.CHANGES, record.id, after, cluster.id, FIELD, why, SOURCE)


def unbind_templates(state: State) -> Iterable[Transition]:
    """Templates of 4.x it may take a Cluster being deleted from next; then that Cluster goes.

    A template that named no other Cluster is placed nowhere afterwards.
    """
    for cluster in _dying_clusters(state):
        naming = [template for template in _templates_of(state, cluster) if cluster.id.name in _named(template)]
        for template in naming:
            body, placement = as_obj(template).body, template.obj.spec["placement"]
            others = [each for each in placement["clusters"] if each.get("name") != cluster.id.name]
            spec = {**body["spec"], "placement": {**placement, "clusters": others}}
            after, why = template.with_body({**body, "spec": spec}), f"the Cluster {cluster.id.name} is being deleted"
            field = "spec.placement"
            yield Transition(ACTOR, Effect.CHANGES, template.id, after, cluster.id, field, why, SOURCE_4)
        own = tuple(f for f in cluster.finalizers if catalogue.is_own_key(f))
        if own and not naming:
            yield release_object(cluster, own, FINISHED, SOURCE_4)


def _dying_clusters(state: State) -> list[SimObject]:
    running = running_clusters(state)
    dying = (c for c in state.of_kind(CLUSTER_KEY) if c.deleting) if running else ()
    return [cluster for cluster in dying if cluster.id.cluster in running and may_spread(state, cluster.id.cluster)]


def _templates_of(state: State, cluster: SimObject) -> list[SimObject]:
    return [t for t in state.of_kind(WORKSPACE_TEMPLATE_KEY) if t.id.cluster == cluster.id.cluster]


def _named(template: SimObject) -> set[str]:
    return {str(each.get("name")) for each in (template.obj.spec.get("placement") or {}).get("clusters") or []}


def _clusters_to_join(state: State) -> Iterable[SimObject]:
    """The Clusters it joins where a version with kubefed runs: those with joinFederation and a kubeconfig.

    Their credentials go to kubefed's namespace, so without that nothing is joined.
    """
    hosts = {cluster for cluster in running_clusters(state) if _has_kubefed(state, cluster)}
    for cluster in state.of_kind(CLUSTER_KEY) if hosts else ():
        spec = cluster.obj.spec
        wanted = spec.get("joinFederation") and (spec.get("connection") or {}).get("kubeconfig")
        if wanted and not cluster.deleting and cluster.id.cluster in hosts:
            yield cluster


def _has_kubefed(state: State, host: str) -> bool:
    home = state.objects.get(Id(host, NAMESPACE_KEY, "", KUBEFED_NAMESPACE))
    versions = running_versions(state, host)
    return bool(home and not home.deleting) and any(v is None or v < UNFEDERATED for v in versions)


def _record_place(cluster: SimObject) -> Id:
    return Id(cluster.id.cluster, KUBEFED_CLUSTER_KEY, KUBEFED_NAMESPACE, cluster.id.name)


def _is_refused(state: State, cluster: SimObject) -> bool:
    """Whether a first join is refused: a managed Workspace there has a FederatedWorkspace that does not name it.

    3.0 joins nevertheless (kubesphere v3.0.0, pkg/controller/cluster/join.go), and so may an unknown version.
    """
    if any(version is None or version < CHECKED for version in running_versions(state, cluster.id.cluster)):
        return False
    identity = state.identity_by_connection.get(cluster.id.name, "")
    for workspace in state.of_kind(WORKSPACE_KEY):
        if workspace.id.cluster == identity and workspace.label_value(KUBEFED_MANAGED_LABEL) == "true":
            place = Id(cluster.id.cluster, FEDERATED_WORKSPACE_KEY, "", workspace.id.name)
            federated = state.objects.get(place)
            named = ((federated.obj.spec if federated else {}).get("placement") or {}).get("clusters")
            if named is not None and cluster.id.name not in {each.get("name") for each in named}:
                return True
    return False
