"""Which hosts have joined a cluster, by the accounts that their joins left there, and which of them are this host's.

KubeSphere calls the account <cluster>-kubesphere, whatever the host is called (kubesphere v3.3.1,
pkg/controller/cluster/cluster_controller.go, joinFederation), kubefedctl <cluster>-<host> (kubefed v0.8.1,
pkg/kubefedctl/join.go). The token in a record's Secret names it too.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

from ks_reset.catalogue.names import CLUSTER_ROLE_BINDING_KEY, KUBEFED_CLUSTER_KEY, KUBEFED_HOST_NAME
from ks_reset.facts.federation import identities
from ks_reset.model import ClusterFacts, FleetFacts, Obj, Options

ROLE = re.compile(r"kubefed-controller-manager:(?P<account>.+)")

HOST = KUBEFED_HOST_NAME


class Join(Struct, frozen=True):
    """A ServiceAccount <cluster>-<host> with all rights, and the ClusterRoleBinding that gives it those."""

    account: str
    namespace: str
    role: Obj


def joins(cluster: ClusterFacts) -> list[Join]:
    """The joins of a cluster by account, each with the binding that a join writes."""
    found = []
    for binding in cluster.of(CLUSTER_ROLE_BINDING_KEY):
        name = ROLE.fullmatch(binding.name)
        subjects = [s for s in binding.body.get("subjects") or [] if s.get("kind") == "ServiceAccount"]
        if name and subjects and subjects[0].get("name") == name["account"]:
            found.append(Join(name["account"], str(subjects[0].get("namespace", "")), binding))
    return sorted(found, key=lambda join: join.account)


def own(facts: FleetFacts, cluster: ClusterFacts, options: Options) -> set[str]:
    """The accounts on a cluster that this host's records use, now or when the plan was made.

    A record that did not answer here is the one of the member that was named like it. A cluster that serves
    KubeFedClusters has joined itself under whatever name; so its accounts of KubeSphere's are its own also without a
    record.
    """
    reached = identities(facts.host.dials)
    mine = [d for d in facts.host.dials if (reached[d.record] or facts.called(d.record)) == cluster.identity]
    found = {d.account or f"{d.record}-{KUBEFED_HOST_NAME}" for d in mine}
    known = (each.partition("/") for each in options.joins)
    found |= {account for identity, _, account in known if identity == cluster.identity}
    if cluster is facts.host and KUBEFED_CLUSTER_KEY in cluster.kinds:
        found |= {join.account for join in joins(cluster) if join.account.endswith(f"-{KUBEFED_HOST_NAME}")}
    return found


def foreign(facts: FleetFacts, cluster: ClusterFacts, options: Options) -> list[Join]:
    """The joins of other hosts, but those of which the operator says that they are gone."""
    mine = own(facts, cluster, options)
    return [join for join in joins(cluster) if join.account not in mine and join.account not in options.gone]


def noted(facts: FleetFacts, options: Options) -> tuple[str, ...]:
    """The accounts of this host on every cluster, as options keep them, with those that they have already."""
    present = {f"{w.identity}/{a}" for w in facts.clusters for a in _present_accounts(facts, w, options)}
    return tuple(sorted({*options.joins, *present}))


def _present_accounts(facts: FleetFacts, cluster: ClusterFacts, options: Options) -> Iterable[str]:
    mine = own(facts, cluster, options)
    return (join.account for join in joins(cluster) if join.account in mine)
