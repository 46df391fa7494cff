"""Which workloads in KubeSphere's namespaces are KubeSphere's, so that a user's among them is recognised."""

import re
from functools import cache

from ks_reset.catalogue.loader import load

GROUPS = {"Deployment": "apps", "StatefulSet": "apps", "DaemonSet": "apps", "Job": "batch", "CronJob": "batch"}


def is_system_workload(key: str, namespace: str, name: str) -> bool:
    """Whether a workload of this type (`Deployment.apps`) and name is one that KubeSphere delivers there."""
    kind, _, group = key.partition(".")
    return group == GROUPS.get(kind, "") and any(
        entry.kind == kind and entry.namespace == namespace and _name_pattern(entry.name).fullmatch(name)
        for entry in load().workloads
    )


@cache
def _name_pattern(name: str) -> re.Pattern[str]:
    """`kubectl-<user>` as a pattern."""
    return re.compile("[a-z0-9.-]+".join(re.escape(part) for part in re.split(r"<[^>]+>", name)))
