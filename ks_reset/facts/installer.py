"""ks-installer's status in its ClusterConfiguration, and its unfinished tasks.

ks-installer v3.3.1. roles/*/tasks: each component writes a status once it is enabled; the core writes "enabled", and
from 3.1.1 on its version after all tasks (roles/check-result/tasks/main.yaml). The version is written even if a
component failed: a requested component without status is not enabled. playbooks/multicluster.yaml: kubefed is
installed for the role host, unless the status says enabled.
"""

from collections.abc import Iterable

from ks_reset.model import Body, Obj, version_number

LAST = (3, 1, 1)
"""The first ks-installer version to write the core's version after its last task."""
SWITCHED = {name: name for name in ("alerting", "auditing", "devops", "events", "gatekeeper", "logging", "servicemesh")}
COMPONENTS = {**SWITCHED, "metrics_server": "metricsServer"}
"""Pluggable components, name in spec → name in status; only those with a status in every version."""


def multicluster_role(configuration: Obj | None) -> str:
    """spec.multicluster.clusterRole: host, member or none; "" without a ClusterConfiguration."""
    return str((configuration.spec.get("multicluster") or {}).get("clusterRole") or "none") if configuration else ""


def installed_version(configuration: Obj | None) -> str:
    """The version in the core's status; "" until ks-installer has finished."""
    return str((_installer_status(configuration).get("core") or {}).get("version") or "")


def is_component_enabled(configuration: Obj | None, component: str) -> bool:
    """Whether a component's status is enabled; ks-installer then skips its installation."""
    return _component_status(_installer_status(configuration), component) == "enabled"


def unfinished_tasks(configuration: Obj) -> Iterable[str]:
    """ks-installer's unfinished tasks, one a line."""
    status = _installer_status(configuration)
    if _component_status(status, "core") != "enabled":
        yield "ks-installer has not reported the core as enabled yet"
    elif version_number(configuration.labels.get("version", "")) >= LAST and not installed_version(configuration):
        yield "ks-installer has not finished: it writes the core's version last"
    requested = [COMPONENTS[name] for name in sorted(COMPONENTS) if _is_enabled(configuration.spec.get(name))]
    requested += ["multicluster"] if multicluster_role(configuration) == "host" else []
    reported = [name for name in sorted(status) if _component_status(status, name)]
    for name in dict.fromkeys([*requested, *reported]):
        if name != "core" and (state := _component_status(status, name)) != "enabled":
            yield f"the component {name} is {state or 'not enabled yet'}"


def _installer_status(configuration: Obj | None) -> Body:
    return (configuration.body.get("status") or {}) if configuration else {}


def _component_status(status: Body, component: str) -> str:
    entry = status.get(component)
    return str(entry.get("status") or "") if isinstance(entry, dict) else ""


def _is_enabled(component: object) -> bool:
    return isinstance(component, dict) and component.get("enabled") is True
