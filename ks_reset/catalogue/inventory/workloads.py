"""The content of a workload: what runs under which identity, not how much of it, where, or from which registry."""

import re
from typing import Any

from ks_reset.catalogue.images import image_name
from ks_reset.model import Body

UNTIL_VALUE = re.compile(r"[=\s]")
VERSION_LABELS = ("helm.sh/chart", "app.kubernetes.io/version", "chart", "heritage", "version", "revision", "release")


def workload_content(body: Body) -> Any:
    """The content of a Deployment, StatefulSet, DaemonSet, Job or CronJob.

    A Job's selector is made by its controller, so it does not count.
    """
    spec = body.get("spec") or {}
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    pod = ((spec.get("template") or job.get("template") or {}).get("spec")) or {}
    selector = (spec.get("selector") or {}).get("matchLabels") or {}
    return {
        "account": pod.get("serviceAccountName") or pod.get("serviceAccount") or "default",
        "containers": [_container(c) for part in ("initContainers", "containers") for c in pod.get(part) or []],
        "schedule": spec.get("schedule") or "",
        "selector": steady_labels(selector),
    }


def steady_labels(labels: dict[str, str] | None) -> dict[str, str]:
    """The labels that do not name a version, a chart or the UID of a Job."""
    return {k: v for k, v in (labels or {}).items() if "controller-uid" not in k and k not in VERSION_LABELS}


def _container(container: Body) -> Any:
    words = [*(container.get("command") or []), *(container.get("args") or [])]
    ports = sorted(str(port.get("containerPort")) for port in container.get("ports") or [])
    flags = [UNTIL_VALUE.split(str(word).strip(), maxsplit=1)[0] for word in words]
    return [container.get("name", ""), image_name(str(container.get("image", ""))), flags, ports]
