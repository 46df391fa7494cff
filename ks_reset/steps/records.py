"""Remove records of clusters, their credentials, and the accounts of joins on each cluster.

A record left over from before a reinstall destroyed namespaces: with two records of one cluster, kubefed deletes
through one the objects of the other. In every step Secrets go last: a record without one cannot be dialled, and after
an interruption the run has to recognise its clusters again.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CLUSTER_KEY,
    DEPLOYMENT_KEY,
    GRANTED_CLUSTERS_ANNOTATION,
    KUBEFED_CLUSTER_KEY,
    KUBEFED_NAMESPACE,
    KUBESPHERE_NAMESPACE,
    NAMESPACE_KEY,
    RBAC_GROUP,
    SECRET_KEY,
    SERVICE_ACCOUNT_KEY,
    SERVICE_ACCOUNT_NAME_ANNOTATION,
    USER_KEY,
)
from ks_reset.facts import federation
from ks_reset.facts.join_accounts import joins_of_cluster, own_accounts
from ks_reset.facts.orphan_secrets import orphan_secrets
from ks_reset.model import Action, ClusterFacts, Marks, Obj, RemoveMarks, Request, Skipped
from ks_reset.steps.step import Removal, Step, StepContext

RBAC = RBAC_GROUP
JOIN_NAMESPACE = KUBEFED_NAMESPACE
TOKEN_OF = SERVICE_ACCOUNT_NAME_ANNOTATION
AGENT = "cluster-agent"


def stale_records(host: ClusterFacts, request: Request) -> list[Obj]:
    """The stale record of each group with the same cluster, where facts or the request decide between them.

    Also requested records useless by themselves.
    """
    groups = federation.same_cluster_groups(host)
    chosen = [federation.stale_record(host, group, request.records) for group in groups]
    together = {d.record for group in groups for d in group.dials}
    alone = [d for d in host.dials if d.record in request.records and d.record not in together]
    useless = [d for d in alone if federation.reason_useless(host, d)]
    records = [host.get(KUBEFED_CLUSTER_KEY, d.record, d.namespace) for d in (*chosen, *useless) if d]
    return [record for record in records if record]


def remaining_records(context: StepContext) -> tuple[str, ...]:
    """The records that stay of each cluster, except the host itself, from which a stale record is removed."""
    host, stale = context.facts.host, {record.name for record in stale_records(context.facts.host, context.request)}
    groups = [group for group in federation.same_cluster_groups(host) if group.identity != host.identity]
    cured = [{d.record for d in group.dials} for group in groups if stale & {d.record for d in group.dials}]
    return tuple(sorted(set().union(*cured) - stale))


def records_of_leavers(context: StepContext) -> list[Obj]:
    """The Clusters and KubeFedClusters of leaving members, whose host stays.

    Clusters first: while one exists, the host joins the member again (kubesphere v3.3.1,
    pkg/controller/cluster/cluster_controller.go, syncCluster).
    """
    host, names = context.facts.host, context.leaving_records
    return [o for key in (CLUSTER_KEY, KUBEFED_CLUSTER_KEY) for o in host.of(key) if o.name in names]


def remove_stale_records(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal]:
    """Stale KubeFedClusters, each with its Secret; and Secrets without a record, if the operator names them."""
    if cluster is not context.facts.host:
        return
    for record in stale_records(cluster, context.request):
        yield Removal(record, _why_stale(cluster, record))
        secret = federation.secret_of(cluster, record)
        if secret and federation.is_only_user(cluster, record, secret):
            yield Removal(secret, f"the credentials of the stale record {record.name} alone", record.uid)
    for secret in orphan_secrets(cluster):
        if secret.name in context.request.records:
            yield Removal(secret, "credentials that no record names")


def forget_records(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    if cluster is not context.facts.host:
        return
    records = records_of_leavers(context)
    for record in records:
        yield Removal(record, "its member leaves")
    for record in records:
        secret = federation.secret_of(cluster, record)
        if secret and federation.is_only_user(cluster, record, secret):
            yield Removal(secret, f"the credentials of the record {record.name} alone", record.uid)
    for user in cluster.of(USER_KEY):
        if names := sorted(
            set(user.annotations.get(GRANTED_CLUSTERS_ANNOTATION, "").split(",")) & context.leaving_records
        ):
            why = f"{GRANTED_CLUSTERS_ANNOTATION} names {', '.join(names)}; a cluster of that name is shown"
            yield Skipped(cluster.name, user.title, why)


def release_records(context: StepContext) -> Iterable[Action]:
    """Remove finalizers of the records of leaving members, since their controllers are stopped.

    finalizer.cluster.kubesphere.io of a Cluster (kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go) waits
    for a controller with a connection to the member, and the member may be gone. Finalizers of others stay.
    """
    for record in records_of_leavers(context):
        if own_finalizers := tuple(f for f in record.finalizers if catalogue.is_own_key(f)):
            why, marks = f"no running controller removes {', '.join(own_finalizers)}", Marks(finalizers=own_finalizers)
            yield RemoveMarks.on(record, RELEASE_RECORDS.name, context.facts.host.identity, why, marks=marks)


def remove_records(cluster: ClusterFacts, _: StepContext) -> Iterable[Removal]:
    """KubeFedClusters, KubeSphere's Clusters and kubefed's configuration; then the Secrets of KubeFedClusters.

    A Cluster makes the host join its member again every two minutes (kubesphere v3.3.1,
    pkg/controller/cluster/cluster_controller.go).
    """
    for key in federation.RECORD_KEYS:
        for obj in cluster.of(key):
            yield Removal(obj, f"its API group {obj.kind.group} is kubefed's or KubeSphere's")
    for record in cluster.of(KUBEFED_CLUSTER_KEY):
        if secret := federation.secret_of(cluster, record):
            yield Removal(secret, f"the credentials of KubeFedCluster {record.name}", record.uid)


def remove_join(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """The accounts of a join with all rights, their roles and bindings.

    The join of a host creates them and no unjoin deletes them (kubesphere v3.3.1, pkg/controller/cluster/join.go).
    Only accounts of this host's records, and of hosts declared gone by the operator; those of other hosts stay.
    """
    accounts = own_accounts(context.facts, cluster, context.options) | set(context.request.gone)
    detached = cluster in context.detached_clusters
    if context.scope == "member" and not detached:
        return
    if detached:
        yield from _remove_accounts(cluster, accounts)
    for key in (f"ClusterRoleBinding.{RBAC}", f"ClusterRole.{RBAC}"):
        for obj in cluster.of(key):
            proof = catalogue.join_proof(obj, accounts)
            if proof := proof or (None if detached else _kubesphere_proof(obj)):
                yield Removal(obj, proof)
    if detached:
        yield from _remove_join_namespace(cluster, accounts)


def _why_stale(cluster: ClusterFacts, record: Obj) -> str:
    together = {d.record for group in federation.same_cluster_groups(cluster) for d in group.dials}
    if record.name in together:
        return "another record reaches the same cluster"
    return next((federation.reason_useless(cluster, dial) for dial in cluster.dials if dial.record == record.name), "")


def _kubesphere_proof(obj: Obj) -> str | None:
    return catalogue.join_binding_proof(obj) or catalogue.join_role_proof(obj)


def _remove_accounts(cluster: ClusterFacts, accounts: set[str]) -> Iterable[Removal]:
    """The accounts and their tokens, before the bindings with their namespace."""
    namespaces = {join.namespace for join in joins_of_cluster(cluster) if join.account in accounts} | {JOIN_NAMESPACE}
    for obj in cluster.of(SERVICE_ACCOUNT_KEY):
        if obj.name in accounts and obj.namespace in namespaces:
            yield Removal(obj, "the account of the join")
    for obj in cluster.of(SECRET_KEY):
        if obj.namespace in namespaces and obj.annotations.get(TOKEN_OF) in accounts:
            yield Removal(obj, f"the token of {obj.annotations[TOKEN_OF]}")


def _remove_join_namespace(cluster: ClusterFacts, accounts: set[str]) -> Iterable[Removal | Skipped]:
    """The namespace of joins, once nothing else is in it."""
    namespace = cluster.get(NAMESPACE_KEY, JOIN_NAMESPACE)
    inside = [obj for obj in cluster.all() if obj.namespace == JOIN_NAMESPACE]
    if namespace and not any(_is_in_use(obj, accounts) for obj in inside):
        yield Removal(namespace, "the join created it, and nothing else uses it")
    if agent := cluster.get(DEPLOYMENT_KEY, AGENT, KUBESPHERE_NAMESPACE):
        why = "it connects to the proxy of a host; delete it once this connection does not depend on it"
        yield Skipped(cluster.name, agent.title, why)


def _is_in_use(obj: Obj, accounts: set[str]) -> bool:
    """Whether this is neither in every namespace by default nor removed with the accounts."""
    if obj.kind.key == SERVICE_ACCOUNT_KEY:
        return obj.name not in ("default", *accounts)
    return obj.name != "kube-root-ca.crt" and obj.annotations.get(TOKEN_OF) not in ("default", *accounts)


REMOVE_STALE_RECORD = Step(
    "remove-stale-record",
    "Two records of one cluster make kubefed delete through one what it creates through the other.",
    after=("pause-federation", "prove-paused"),
    removes=remove_stale_records,
)
FORGET_RECORDS = Step(
    "forget-records",
    "The record of a member that left makes kubefed wait for it, or work on the cluster that has its address now.",
    after=("prove-paused", "release-records"),
    removes=forget_records,
)
RELEASE_RECORDS = Step(
    "release-records",
    "A record whose finalizer stays on remains in Terminating, and kubefed keeps working with it.",
    after=("prove-paused", "remove-dead-webhooks"),
    actions=release_records,
)
REMOVE_RECORDS = Step(
    "remove-records",
    "The next kubefed would find a surviving record and work on one cluster under two names.",
    after=("prove-quiet", "release-finalizers", "remove-federated"),
    removes=remove_records,
)
REMOVE_JOIN = Step(
    "remove-join",
    "They allow everything on the cluster to the owner of their token, and the host has a copy.",
    after=("prove-quiet|prove-paused", "remove-records|forget-records"),
    removes=remove_join,
    detaches=True,
)
