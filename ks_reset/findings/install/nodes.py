"""No node can run anything, or all ready nodes together have too little room.

ks-installer v3.3.1, README.md: a core and 2 GiB at the least, beside what runs already.
"""

from collections.abc import Iterable
from decimal import Decimal

from ks_reset.catalogue.names import NODE_KEY
from ks_reset.findings.install.quantities import parse_quantity
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, ExternalAnswers, Finding, FleetFacts, Obj, Severity, Values

CPU, MEMORY = Decimal(1), Decimal(2) * 1024**3

CORDONED = "unschedulable"
READS = Reads(decided_by=each(NODE_KEY))


def check(_: Values, facts: FleetFacts, __: ExternalAnswers) -> Iterable[Finding]:
    for cluster in facts.clusters:
        ready = [node for node in cluster.of(NODE_KEY) if _is_schedulable(node)]
        if not ready:
            yield _none_ready(cluster)
            continue
        cpu, memory = (sum((_allocatable(node, what) for node in ready), Decimal(0)) for what in ("cpu", "memory"))
        if cpu < CPU or memory < MEMORY:
            yield _too_small(cluster, ready, f"{cpu.normalize():f} core(s) and {memory / 1024**3:.1f} GiB")


def _none_ready(cluster: ClusterFacts) -> Finding:
    rows = [Evidence(cluster.name, node.title, "Ready", _readiness(node)) for node in cluster.of(NODE_KEY)]
    return Finding(
        id="nodes",
        severity=Severity.WARNING,
        title=f"No node of {cluster.name} is ready",
        evidence=tuple(rows) or (Evidence(cluster.name, "Node", "count", "0"),),
        next="Pods of KubeSphere stay Pending.",
        cure=_ways_on(cluster),
    )


def _ways_on(cluster: ClusterFacts) -> str:
    kubectl = f"kubectl --context {cluster.context}"
    if cordoned := [node.name for node in cluster.of(NODE_KEY) if _readiness(node) == CORDONED]:
        return f"Uncordon a node: {kubectl} uncordon {cordoned[0]}; or repair one: {kubectl} get nodes."
    return f"Whoever runs the machines repairs a node; that is done when {kubectl} get nodes shows one as Ready."


def _too_small(cluster: ClusterFacts, ready: Iterable[Obj], room: str) -> Finding:
    return Finding(
        id="nodes",
        severity=Severity.WARNING,
        title=f"The ready nodes of {cluster.name} have {room} in all",
        evidence=tuple(
            Evidence(cluster.name, node.title, f"status.allocatable.{what}", _allocatable_text(node, what))
            for node in ready
            for what in ("cpu", "memory")
        ),
        next="KubeSphere needs one core and 2 GiB beside what runs already; its Pods stay Pending.",
        cure="Whoever runs the machines adds nodes, or larger ones; that is done when a new one is among these: "
        f"kubectl --context {cluster.context} get nodes.",
    )


def _is_schedulable(node: Obj) -> bool:
    return _readiness(node) == "True"


def _readiness(node: Obj) -> str:
    """The status of the condition Ready; or `unschedulable` for a cordoned node."""
    conditions = {c["type"]: c["status"] for c in (node.body.get("status") or {}).get("conditions") or []}
    return CORDONED if node.spec.get("unschedulable") else str(conditions.get("Ready", "absent"))


def _allocatable(node: Obj, what: str) -> Decimal:
    return parse_quantity(_allocatable_text(node, what))


def _allocatable_text(node: Obj, what: str) -> str:
    return str(((node.body.get("status") or {}).get("allocatable") or {}).get(what, "0"))
