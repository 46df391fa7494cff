"""The operators and types that a request names to be kept: each must be on a cluster of the request.

A name without anything behind it is a mistake, and the plan would do something else than meant. Where a cluster or a
list was not read it may be there; then the name is taken as it is.
"""

from ks_reset.catalogue import load_catalogue
from ks_reset.errors import Absent
from ks_reset.facts.crds import own_types
from ks_reset.facts.operators import bundled_operators
from ks_reset.model import FleetFacts, Request


def require_present(playbook: str, facts: FleetFacts, request: Request, before: Request) -> None:
    """Raises Absent for a kept operator or type on no cluster read. Those chosen `before` may be of other clusters.

    A forgone operator and a discarded type may be gone after an earlier run of the same plan.
    """
    if facts.missing or request.later or any(cluster.gaps for cluster in facts.clusters):
        return
    operators = {name for cluster in facts.clusters for name in bundled_operators(cluster)}
    types = {crd.name for cluster in facts.clusters for crd in own_types(cluster)}
    names = ", ".join(cluster.name for cluster in facts.clusters)
    for name in request.kept_operators:
        if name not in operators and name not in before.kept_operators:
            home = next(entry.namespace for entry in load_catalogue().operators if entry.name == name)
            raise Absent(
                f"--keep-operator {name}: no workload of it is in {home} on {names}. There are: "
                f"{as_list(operators)}. Without the flag: ks-reset plan {playbook} -o {playbook}.json",
                "--keep-operator",
                name,
            )
    for name in request.kept_types:
        if name not in types and name not in before.kept_types:
            raise Absent(
                f"--keep-type {name}: no CustomResourceDefinition of this name is on {names}. Without the flag: "
                f"ks-reset plan {playbook} -o {playbook}.json",
                "--keep-type",
                name,
            )


def as_list(names: set[str]) -> str:
    """The names in order, for a message; "none" without one."""
    return ", ".join(sorted(names)) or "none"
