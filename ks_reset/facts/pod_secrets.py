"""The Secrets that a pod uses."""

from typing import Any


def secrets_in(pod: Any) -> set[str]:
    """The Secrets that a pod names, in volumes, variables and for pulling images."""
    if isinstance(pod, list):
        return {name for part in pod for name in secrets_in(part)}
    if not isinstance(pod, dict):
        return set()
    here = {str(pod["secretName"])} if "secretName" in pod else set()
    for field in ("secretKeyRef", "secretRef", "secret"):
        if isinstance(pod.get(field), dict) and "name" in pod[field]:
            here.add(str(pod[field]["name"]))
    return here | {name for part in pod.values() for name in secrets_in(part)}
