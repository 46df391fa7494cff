"""There is no node that could run anything, or not enough room on all of them together.

ks-installer v3.3.1, README.md: a core and 2 GiB at the least, beside what runs already.
"""

from collections.abc import Iterable
from decimal import Decimal

from kubernetes.utils import parse_quantity

from ks_reset.model import ExternalAnswers, FleetFacts, Obj, Obstacle, Values

CPU, MEMORY = Decimal(1), Decimal(2) * 1024**3


def check(_: Values, facts: FleetFacts, __: ExternalAnswers) -> Iterable[Obstacle]:
    for world in facts.clusters:
        ready = [node for node in world.of("Node") if _ready(node)]
        if not ready:
            yield Obstacle("nodes", world.name, "No node is ready.", "See to the nodes first.")
            continue
        cpu, memory = (sum((_room(node, what) for node in ready), Decimal(0)) for what in ("cpu", "memory"))
        if cpu < CPU or memory < MEMORY:
            what = f"The ready nodes have {cpu.normalize():f} core(s) and {memory / 1024**3:.1f} GiB in all."
            yield Obstacle("nodes", world.name, what, "KubeSphere needs one core and 2 GiB beside what runs already.")


def _ready(node: Obj) -> bool:
    conditions = {c["type"]: c["status"] for c in (node.body.get("status") or {}).get("conditions") or []}
    return not node.spec.get("unschedulable") and conditions.get("Ready") == "True"


def _room(node: Obj, what: str) -> Decimal:
    return Decimal(parse_quantity(((node.body.get("status") or {}).get("allocatable") or {}).get(what, "0")))
