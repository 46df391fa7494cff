"""The joins of a cluster, by their ServiceAccounts there, and the host behind each: this one or another.

KubeSphere calls the account <cluster>-kubesphere for every host (kubesphere v3.3.1,
pkg/controller/cluster/cluster_controller.go, joinFederation), kubefedctl <cluster>-<host> (kubefed v0.8.1,
pkg/kubefedctl/join.go). The token in a record's Secret names the account too.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

from ks_reset.catalogue.names import CLUSTER_KEY, CLUSTER_ROLE_BINDING_KEY, KUBEFED_CLUSTER_KEY, KUBEFED_HOST_NAME
from ks_reset.facts.claims import own_claims
from ks_reset.facts.federation import identity_by_record
from ks_reset.model import ClusterFacts, FleetFacts, Obj, Options

ROLE = re.compile(r"kubefed-controller-manager:(?P<account>.+)")


class Join(Struct, frozen=True):
    """A ServiceAccount <cluster>-<host> with all rights, and the ClusterRoleBinding granting them."""

    account: str
    namespace: str
    role: Obj


def joins_of_cluster(cluster: ClusterFacts) -> list[Join]:
    """The joins of a cluster, sorted by account, each with its ClusterRoleBinding."""
    joins = []
    for binding in cluster.of(CLUSTER_ROLE_BINDING_KEY):
        name = ROLE.fullmatch(binding.name)
        subjects = [s for s in binding.body.get("subjects") or [] if s.get("kind") == "ServiceAccount"]
        if name and subjects and subjects[0].get("name") == name["account"]:
            joins.append(Join(name["account"], str(subjects[0].get("namespace", "")), binding))
    return sorted(joins, key=lambda join: join.account)


def has_account(cluster: str, accounts: Iterable[str]) -> bool:
    """Whether one of these accounts is of a join of the cluster with this name."""
    own = f"-{KUBEFED_HOST_NAME}"
    return any(
        account == f"{cluster}{own}" if account.endswith(own) else account.startswith(f"{cluster}-")
        for account in accounts
    )


def own_accounts(facts: FleetFacts, cluster: ClusterFacts, options: Options) -> set[str]:
    """The accounts on a cluster used by this host's records, now or at the time of the plan.

    A record that does not answer counts for the member of the same name. A host with kubefed has joined itself under
    some name: its accounts of KubeSphere's are its own even without a record.
    """
    reached = identity_by_record(facts.host.dials, facts.host.connections)
    dials = [
        d for d in facts.host.dials if (reached[d.record] or facts.identity_of_member(d.record)) == cluster.identity
    ]
    accounts = {d.account or f"{d.record}-{KUBEFED_HOST_NAME}" for d in dials}
    recorded = (join.partition("/") for join in options.material.joins)
    accounts |= {account for identity, _, account in recorded if identity == cluster.identity}
    if cluster is facts.host and KUBEFED_CLUSTER_KEY in cluster.kinds:
        accounts |= {
            join.account for join in joins_of_cluster(cluster) if join.account.endswith(f"-{KUBEFED_HOST_NAME}")
        }
    return accounts


def foreign_joins(facts: FleetFacts, cluster: ClusterFacts, options: Options) -> list[Join]:
    """The joins of other hosts, without those given with --gone-host."""
    own_joins = own_accounts(facts, cluster, options)
    return [
        join
        for join in joins_of_cluster(cluster)
        if join.account not in own_joins and join.account not in options.request.gone
    ]


def recorded_accounts(facts: FleetFacts, options: Options) -> tuple[str, ...]:
    """This host's accounts on all clusters as `<identity>/<account>`, sorted, together with those in the options.

    On clusters not read, those the tokens of this host's records name; of a registered cluster without any, the
    account by KubeSphere's naming rule, as `/<account>`: once its record is gone, nothing else names it. Of a host of
    4.x the name that it has written on itself.
    """
    present = {f"{w.identity}/{a}" for w in facts.clusters for a in _present_accounts(facts, w, options)}
    known = {*options.material.joins, *present, *_unread_accounts(facts)}
    return tuple(sorted({*known, *_accounts_by_name(facts.host, known), *own_claims(facts.host)}))


def _accounts_by_name(host: ClusterFacts, known: Iterable[str]) -> Iterable[str]:
    accounts = {join.partition("/")[2] for join in known}
    for name in {o.name for key in (CLUSTER_KEY, KUBEFED_CLUSTER_KEY) for o in host.of(key)}:
        if not has_account(name, accounts):
            yield f"/{name}-{KUBEFED_HOST_NAME}"


def _unread_accounts(facts: FleetFacts) -> Iterable[str]:
    """The accounts the tokens of records name on clusters that were dialled and not read."""
    for dial in facts.host.dials:
        if dial.identity and dial.account and facts.cluster(dial.identity) is None:
            yield f"{dial.identity}/{dial.account}"


def _present_accounts(facts: FleetFacts, cluster: ClusterFacts, options: Options) -> Iterable[str]:
    own_joins = own_accounts(facts, cluster, options)
    return (join.account for join in joins_of_cluster(cluster) if join.account in own_joins)
