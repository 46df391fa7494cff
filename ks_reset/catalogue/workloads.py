"""KubeSphere's workloads in its own namespaces; any other workload there is a user's."""

import re
from functools import cache

from ks_reset.catalogue.loader import load_catalogue

GROUPS = {"Deployment": "apps", "StatefulSet": "apps", "DaemonSet": "apps", "Job": "batch", "CronJob": "batch"}


def is_system_workload(key: str, namespace: str, name: str) -> bool:
    """Whether KubeSphere delivers a workload of this key (`Deployment.apps`) and name in this namespace."""
    kind, _, group = key.partition(".")
    if key == "Deployment.apps" and (namespace, name) in _operators():
        return True
    return group == GROUPS.get(kind, "") and any(
        entry.kind == kind and entry.namespace == namespace and _name_pattern(entry.name).fullmatch(name)
        for entry in load_catalogue().workloads
    )


@cache
def _operators() -> frozenset[tuple[str, str]]:
    """Namespaces and names of the bundled operators."""
    return frozenset((entry.namespace, entry.workload) for entry in load_catalogue().operators)


@cache
def _name_pattern(name: str) -> re.Pattern[str]:
    """A pattern for a name with placeholders such as `kubectl-<user>`."""
    return re.compile("[a-z0-9.-]+".join(re.escape(part) for part in re.split(r"<[^>]+>", name)))
