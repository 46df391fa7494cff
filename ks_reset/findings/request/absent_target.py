"""A federated object of a user has no target where it is placed: its content exists in the template alone.

A deletion of the federated object would then lose it. The cause: kubefed was stopped between the deletion and the
re-creation of a target (kubefed v0.8.1, pkg/controller/sync/controller.go).
"""

import shlex
from collections.abc import Iterable

import msgspec

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    DEPLOYMENT_KEY,
    FEDERATED_NAMESPACE_KEY,
    FEDERATED_TYPE_CONFIG_KEY,
    KUBEFED_CLUSTER_KEY,
)
from ks_reset.facts import federation
from ks_reset.facts.controllers import kubefed_controllers, replica_count
from ks_reset.facts.given_up import discard_key
from ks_reset.findings.mend import unless_lost
from ks_reset.findings.reads import ANY_LIST, CONNECTIONS, DIALS, EVERYTHING, Reads, anywhere, host
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity
from ks_reset.simulation.by_hand import start_command

READS = Reads(
    found_in=host(FEDERATED_TYPE_CONFIG_KEY),
    decided_by=(*host(DIALS, KUBEFED_CLUSTER_KEY, FEDERATED_NAMESPACE_KEY), *anywhere(ANY_LIST)),
    worded_by=(*host(DEPLOYMENT_KEY), *anywhere(EVERYTHING, CONNECTIONS)),
)


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    targets = [target for target in federation.federated_targets(facts.host) if _is_users(target, options)]
    reached = federation.records_by_cluster(facts) if targets else {}
    for target in targets:
        records = federation.target_placement(facts.host, target)
        for cluster in facts.clusters:
            if records & reached.get(cluster.identity, frozenset()) and _is_absent(cluster, target):
                yield _absent_finding(facts, cluster, target)


def _is_users(target: federation.Target, options: Options) -> bool:
    """Whether it is a target of users, and not given up."""
    group = target.key.partition(".")[2]
    if catalogue.is_own_group(group) or catalogue.system_namespace(target.namespace or target.name):
        return False
    return discard_key(target.source) not in options.request.discard


def _is_absent(cluster: ClusterFacts, target: federation.Target) -> bool:
    return target.key in cluster.kinds and cluster.get(target.key, target.name, target.namespace) is None


def _absent_finding(facts: FleetFacts, cluster: ClusterFacts, target: federation.Target) -> Finding:
    where = f"{target.namespace}/{target.name}".lstrip("/")
    state = _state(target, federation.records_of(facts, cluster))
    return Finding(
        id="absent-target",
        severity=Severity.CRITICAL,
        title=f"{target.key} {where} is placed on {cluster.name} and does not exist there{state and f': {state}'}",
        evidence=(Evidence(facts.host.name, target.source.title, "spec.placement", cluster.name),),
        next="Its content exists in the federated object alone, and an uninstall deletes that.",
        cure=f"{_cause(facts, state)}To go on without it, keep its manifest: "
        f"{_copy_command(facts.host, cluster, target)}. Then: ks-reset plan uninstall "
        f"--discard {shlex.quote(discard_key(target.source))} --out plan.json.",
    )


def _state(target: federation.Target, records: frozenset[str]) -> str:
    """Why kubefed does not create the target; "" if nothing tells.

    kubefed v0.8.1, pkg/controller/sync/controller.go: an object in deletion has its targets removed;
    pkg/controller/sync/status/status.go: the result by cluster.
    """
    if target.source.deleting:
        return "the federated object is in deletion"
    results = (target.source.body.get("status") or {}).get("clusters") or []
    failed = {str(one.get("status")) for one in results if one.get("name") in records and one.get("status")}
    return f"kubefed says {', '.join(sorted(failed))}" if failed else ""


def _cause(facts: FleetFacts, state: str) -> str:
    """What makes kubefed create it, where that can be."""
    host = facts.host
    if state:
        return ""
    if federation.same_cluster_groups(host):
        return "Two records reach one cluster: ks-reset plan stale-record --out stale-record.json, and apply. "
    stopped = [d for d in kubefed_controllers(host) if not replica_count(d)]
    return "".join(
        unless_lost(facts, d.name, f"Start kubefed and wait until it exists: {start_command(host, d)}.") + " "
        for d in stopped[:1]
    )


def _copy_command(host: ClusterFacts, cluster: ClusterFacts, target: federation.Target) -> str:
    """The command that writes the target as kubefed would create it, without overrides; Secrets with their contents."""
    source, kind = target.source, cluster.kinds[target.key]
    meta = {"name": target.name} | ({"namespace": target.namespace} if target.namespace else {})
    fill = msgspec.json.encode({"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta}).decode()
    inside = f" -n {source.namespace}" if source.namespace else ""
    get = f"kubectl --context {host.context}{inside} get {source.kind.resource}/{source.name} -o json"
    file = "-".join(filter(None, (kind.kind.lower(), target.namespace, target.name)))
    return f"(umask 077; {get} | jq '.spec.template * {fill}' > {file}.json)"
