"""What ks-installer says of itself in the status of its ClusterConfiguration, and what it is still to do.

ks-installer v3.3.1. roles/*/tasks: each component writes its own status when it is on; of the core, that it is, and
from 3.1.1 on, when all tasks have ended, its version (roles/check-result/tasks/main.yaml). That comes also if a
component failed: one that was asked for and has no status is not on. playbooks/multicluster.yaml: kubefed is put on
where the role is host, and left out where the status says that it is on.
"""

from collections.abc import Iterable

from ks_reset.model import Body, Obj

LAST = (3, 1, 1)
"""The first version that writes the core's version at its end."""
SWITCHED = {name: name for name in ("alerting", "auditing", "devops", "events", "gatekeeper", "logging", "servicemesh")}
COMPONENTS = {**SWITCHED, "metrics_server": "metricsServer"}
"""Pluggable components as spec names them → as status does, where every version that has them writes one."""


def role(found: Obj | None) -> str:
    """The role that it gave, or gives: host, member or none; "" where there is no ClusterConfiguration."""
    return str((found.spec.get("multicluster") or {}).get("clusterRole") or "none") if found else ""


def version(found: Obj | None) -> str:
    """The version that it has put on, by its own word; "" as long as it has not ended."""
    return str((_installer_status(found).get("core") or {}).get("version") or "")


def on(found: Obj | None, component: str) -> bool:
    """Whether it holds a component to be on, so that it leaves it out."""
    return _component_status(_installer_status(found), component) == "enabled"


def waiting(found: Obj) -> Iterable[str]:
    """What it has not finished, one a line."""
    status = _installer_status(found)
    if _component_status(status, "core") != "enabled":
        yield "ks-installer has not said yet that the core is on"
    elif number(found.labels.get("version", "")) >= LAST and not version(found):
        yield "ks-installer is not at its end: it writes the core's version last"
    asked = [COMPONENTS[name] for name in sorted(COMPONENTS) if _is_enabled(found.spec.get(name))]
    asked += ["multicluster"] if role(found) == "host" else []
    others = [name for name in sorted(status) if _component_status(status, name)]
    for name in dict.fromkeys([*asked, *others]):
        if name != "core" and (said := _component_status(status, name)) != "enabled":
            yield f"the component {name} is {said or 'not on yet'}"


def _installer_status(found: Obj | None) -> Body:
    return (found.body.get("status") or {}) if found else {}


def _component_status(status: Body, component: str) -> str:
    about = status.get(component)
    return str(about.get("status") or "") if isinstance(about, dict) else ""


def _is_enabled(asked: object) -> bool:
    return isinstance(asked, dict) and asked.get("enabled") is True


def number(version: str) -> tuple[int, ...]:
    """v3.3.1-patch.0 → (3, 3, 1); () for what is no version."""
    parts = version.removeprefix("v").partition("-")[0].split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()
