"""A federated object of a user has no target where it is placed, or anywhere: its content is in the template alone.

A deletion of the federated object would then lose it. The causes: kubefed was stopped between the deletion and the
re-creation of a target (kubefed v0.8.1, pkg/controller/sync/controller.go), or the object is placed nowhere.
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
    NAMESPACE_KEY,
)
from ks_reset.facts import federation
from ks_reset.facts.controllers import kubefed_controllers, replica_count
from ks_reset.facts.crds import is_federated, own_objects
from ks_reset.facts.given_up import discard_key
from ks_reset.findings.mend import unless_lost
from ks_reset.findings.reads import ANY_LIST, CONNECTIONS, DIALS, EVERYTHING, OWN_TYPES, Reads, anywhere, host
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity
from ks_reset.simulation.by_hand import start_command

READS = Reads(
    found_in=host(OWN_TYPES),
    decided_by=(
        *host(DIALS, KUBEFED_CLUSTER_KEY, FEDERATED_NAMESPACE_KEY, FEDERATED_TYPE_CONFIG_KEY, DEPLOYMENT_KEY),
        *anywhere(ANY_LIST),
    ),
    worded_by=anywhere(EVERYTHING, CONNECTIONS),
)

PLACED, NOWHERE, UNSPREAD = "placed", "nowhere", "unspread"
"""Placed on a cluster that lacks it, or placed nowhere, or of a type that kubefed does not spread."""


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    spread = [target for target in federation.federated_targets(facts.host) if _is_users(target, options)]
    others = [target for target in _unspread_targets(facts) if _is_users(target, options)]
    reached = federation.records_by_cluster(facts) if spread or others else {}
    read = {name for cluster in facts.clusters for name in reached.get(cluster.identity, ())}
    for target in others:
        if not _is_placed_beyond(facts.host, target, read) and _is_nowhere(facts, target):
            yield _absent_finding(facts, facts.host, target, UNSPREAD)
    for target in spread:
        records = federation.target_placement(facts.host, target)
        for cluster in facts.clusters:
            if records & reached.get(cluster.identity, frozenset()) and _is_absent(cluster, target):
                yield _absent_finding(facts, cluster, target, PLACED)
        if not records and not _is_placed_beyond(facts.host, target, read) and _is_nowhere(facts, target):
            yield _absent_finding(facts, facts.host, target, NOWHERE)


def _unspread_targets(facts: FleetFacts) -> Iterable[federation.Target]:
    """The targets of federated objects whose type kubefed does not spread: no FederatedTypeConfig, or a disabled one.

    The kind of the target is the kind of the federated object without the word Federated; of several groups with this
    kind the one with the object in some cluster counts.
    """
    spread = {target.source.uid for target in federation.federated_targets(facts.host)}
    for obj in (o for o in own_objects(facts.host) if is_federated(o) and o.uid not in spread):
        name = obj.kind.kind.removeprefix("Federated")
        kinds = {key: kind for cluster in facts.clusters for key, kind in cluster.kinds.items() if kind.kind == name}
        targets = [_target(obj, key, kind.namespaced) for key, kind in sorted(kinds.items())]
        existing = (t for t in targets for c in facts.clusters if c.get(t.key, t.name, t.namespace))
        if targets:
            yield next(existing, targets[0])


def _target(source: Obj, key: str, namespaced: bool) -> federation.Target:
    is_namespace = key == NAMESPACE_KEY
    namespace = source.namespace if namespaced and not is_namespace else ""
    return federation.Target(source, key, namespace, source.namespace if is_namespace else source.name)


def _is_users(target: federation.Target, options: Options) -> bool:
    """Whether it is a target of users, and not given up."""
    group = target.key.partition(".")[2]
    if catalogue.is_own_group(group) or catalogue.system_namespace(target.namespace or target.name):
        return False
    return discard_key(target.source) not in options.request.discard


def _is_absent(cluster: ClusterFacts, target: federation.Target) -> bool:
    return target.key in cluster.kinds and cluster.get(target.key, target.name, target.namespace) is None


def _is_nowhere(facts: FleetFacts, target: federation.Target) -> bool:
    """Whether no cluster has it. False where no cluster serves its type."""
    serving = [cluster for cluster in facts.clusters if target.key in cluster.kinds]
    return bool(serving) and all(_is_absent(cluster, target) for cluster in serving)


def _is_placed_beyond(host: ClusterFacts, target: federation.Target, read: set[str]) -> bool:
    """Whether it, or its namespace, is placed on a record of a cluster that was not read: it may be there."""
    records = host.of(KUBEFED_CLUSTER_KEY)
    home = host.get(FEDERATED_NAMESPACE_KEY, target.namespace, target.namespace) if target.namespace else None
    placed = [federation.placed_records(each, records) for each in (target.source, home) if each]
    return any(names - read for names in placed)


def _absent_finding(facts: FleetFacts, cluster: ClusterFacts, target: federation.Target, how: str) -> Finding:
    state = _state(target, federation.records_of(facts, cluster))
    placement = msgspec.json.encode(target.source.spec.get("placement") or {}).decode()
    return Finding(
        id="absent-target",
        severity=Severity.CRITICAL,
        title=_title(target, cluster, how, f": {state}" if state else ""),
        evidence=(
            Evidence(
                facts.host.name, target.source.title, "spec.placement", cluster.name if how == PLACED else placement
            ),
        ),
        next="Its content exists in the federated object alone, and an uninstall deletes that.",
        cure=f"{_cause(facts, state) if how == PLACED else ''}To go on without it, keep its manifest: "
        f"{_copy_command(facts.host, cluster, target)}. Then: ks-reset plan uninstall "
        f"--discard {shlex.quote(discard_key(target.source))} --out plan.json.",
    )


def _title(target: federation.Target, cluster: ClusterFacts, how: str, state: str) -> str:
    what = f"{target.key} {f'{target.namespace}/{target.name}'.lstrip('/')}"
    match how:
        case "nowhere":
            return f"{what} is placed nowhere and exists in no cluster{state}"
        case "unspread":
            return f"{what} is not spread by kubefed and exists in no cluster{state}"
    return f"{what} is placed on {cluster.name} and does not exist there{state}"


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
        f"{unless_lost(facts, d.name, f'Start kubefed and wait until it exists: {start_command(host, d)}.')} "
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
