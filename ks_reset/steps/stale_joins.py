"""Remove the full-rights account that a stale record used, on the cluster the record reaches.

Its join created ServiceAccount, token, ClusterRole and binding there, and no deletion of a record removes them
(kubefed v0.8.1, pkg/kubefedctl/join.go; kubesphere v3.3.1, pkg/controller/cluster/join.go). The proof is the token of
the record: the cluster took it, and it names the account. An account that another record of this host uses stays, and
so does one of a cluster not read.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    CLUSTER_ROLE_BINDING_KEY,
    KUBEFED_HOST_NAME,
    KUBEFED_NAMESPACE,
    RBAC_GROUP,
    SECRET_KEY,
    SERVICE_ACCOUNT_KEY,
    SERVICE_ACCOUNT_NAME_ANNOTATION,
)
from ks_reset.facts.federation import identity_by_record
from ks_reset.facts.join_accounts import joins_of_cluster
from ks_reset.model import ClusterFacts, Dial, FleetFacts, Obj, Reach, Skipped
from ks_reset.steps.records import stale_records
from ks_reset.steps.step import Removal, Step, StepContext


def remove_stale_joins(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """The account of each stale record that reaches this cluster, its token, binding and role."""
    host = context.facts.host
    for record in stale_records(host, context.request):
        dial = next((d for d in host.dials if (d.record, d.namespace) == (record.name, record.namespace)), None)
        if dial is None or not dial.account:
            continue
        if dial.reach is Reach.REACHED and dial.identity == cluster.identity:
            if user := _other_user(context, dial):
                yield Skipped(cluster.name, f"ServiceAccount {dial.account}", f"the record {user} may use it too")
            else:
                yield from _objects_of_join(cluster, record, dial.account)
        elif cluster is host and _is_unread(context.facts, dial):
            where = f"the cluster behind {dial.endpoint}"
            why = f"{where} is not read here; name it with --member, or detach-member and uninstall remove it later"
            yield Skipped(cluster.name, f"ServiceAccount {dial.account} of {record.title}", why)


def _is_unread(facts: FleetFacts, dial: Dial) -> bool:
    """Whether the cluster of the record is in no facts, or not proven by an answer."""
    return dial.reach is not Reach.REACHED or facts.cluster(dial.identity) is None


def _other_user(context: StepContext, dial: Dial) -> str:
    """Another record or Cluster of this host that uses the account there, or may; "" for none."""
    host = context.facts.host
    stale = {record.name for record in stale_records(host, context.request)}
    others = [d for d in host.dials if d.record not in stale]
    for way in (others, host.connections):
        reached = identity_by_record(way)
        for other in way:
            account = other.account or f"{other.record}-{KUBEFED_HOST_NAME}"
            if account == dial.account and reached[other.record] in ("", dial.identity):
                return other.record
    return ""


def _objects_of_join(cluster: ClusterFacts, record: Obj, account: str) -> Iterable[Removal]:
    """The binding and the role first: without them the account has no rights, wherever the run stops."""
    why = f"the token of the stale record {record.name} names {account}"
    for key in (CLUSTER_ROLE_BINDING_KEY, f"ClusterRole.{RBAC_GROUP}"):
        yield from (Removal(o, why, record.uid) for o in cluster.of(key) if catalogue.join_proof(o, {account}))
    namespaces = {join.namespace for join in joins_of_cluster(cluster) if join.account == account}
    namespaces = namespaces or {KUBEFED_NAMESPACE}
    for obj in cluster.of(SERVICE_ACCOUNT_KEY):
        if obj.name == account and obj.namespace in namespaces:
            yield Removal(obj, why, record.uid)
    for obj in cluster.of(SECRET_KEY):
        if obj.namespace in namespaces and obj.annotations.get(SERVICE_ACCOUNT_NAME_ANNOTATION) == account:
            yield Removal(obj, why, record.uid)


REMOVE_STALE_JOIN = Step(
    "remove-stale-join",
    "It allows everything on the cluster to the owner of its token, and the next uninstall finds it without a record.",
    after=("prove-paused", "remove-stale-record"),
    removes=remove_stale_joins,
)
