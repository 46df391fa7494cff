"""A component to be removed alone is switched on in the ClusterConfiguration: ks-installer installs it again.

ks-installer runs at its start and at each change of the spec (ks-installer v3.3.1, controller/installRunner.py). It
installs what is switched on and has no status `enabled`; an upgrade installs it in any case. Monitoring has no switch:
its status alone holds the installer back (playbooks/monitoring.yaml, roles/ks-monitor/tasks/prometheus-stack.yaml).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ks_reset.catalogue.components import component_entries, component_word
from ks_reset.catalogue.entries import ComponentEntry
from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY
from ks_reset.facts.installer import is_component_enabled
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

READS = Reads(found_in=each(CLUSTER_CONFIGURATION_KEY))
OFF = {"false": False}


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    entries = [component_entries()[name] for name in options.request.only if name in component_entries()]
    for cluster in facts.clusters:
        for configuration in cluster.of(CLUSTER_CONFIGURATION_KEY):
            on = {field: off for entry in entries for field, off in _switched_on(configuration, entry).items()}
            free = [e for e in entries if e.held_by and not is_component_enabled(configuration, e.held_by)]
            if on or free:
                yield _finding(cluster, configuration, [e for e in entries if _switched_on(configuration, e)], on, free)


def _switched_on(configuration: Obj, entry: ComponentEntry) -> dict[str, str]:
    values = {field: _value_at(configuration.spec, field) for field in entry.switches}
    return {field: off for field, off in entry.switches.items() if values[field] not in (None, OFF.get(off, off))}


def _value_at(spec: Mapping[str, Any], field: str) -> object:
    value: object = spec
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _finding(
    cluster: ClusterFacts,
    configuration: Obj,
    entries: list[ComponentEntry],
    on: dict[str, str],
    free: list[ComponentEntry],
) -> Finding:
    spec = {field: OFF.get(off, off) for field, off in on.items()}
    status: dict[str, object] = {mark: None for entry in entries for mark in entry.marks}
    status |= {f"{entry.held_by}.status": "enabled" for entry in free}
    patch = {key: nested for key, flat in (("spec", spec), ("status", status)) if (nested := _nested(flat))}
    command = (
        f"kubectl --context {cluster.context} -n {configuration.namespace} patch {configuration.kind.resource} "
        f"{configuration.name} --type merge -p '{json.dumps(patch, separators=(',', ':'))}'"
    )
    names = ", ".join(component_word(entry.name) for entry in (*entries, *free))
    fields = [*(f"spec.{field}" for field in on), *(f"status.{entry.held_by}.status" for entry in free)]
    return Finding(
        id="component-enabled",
        severity=Severity.WARNING,
        title=f"ks-installer of {cluster.name} would install {names} again",
        evidence=tuple(Evidence(cluster.name, configuration.title, "asks for it", field) for field in fields),
        next="It installs what is switched on at its start, at each change of the ClusterConfiguration, and at an "
        "upgrade.",
        cure=f"{_deed(entries, free)}: {command}. Wait until"
        f" ks-installer has finished (kubectl --context {cluster.context} -n kubesphere-system logs "
        "deployment/ks-installer), then plan again.",
    )


def _deed(entries: list[ComponentEntry], free: list[ComponentEntry]) -> str:
    """What the patch does, as the begin of a sentence."""
    off = "Switch it off, and take its status off, or it is not installed when you want it again" if entries else ""
    held = "Set the status by which ks-installer passes it over" if free else ""
    return "; ".join(filter(None, (off, held)))


def _nested(flat: Mapping[str, object]) -> dict[str, Any]:
    """The fields with dots in their names as a tree."""
    tree: dict[str, Any] = {}
    for field, value in flat.items():
        *path, last = field.split(".")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[last] = value
    return tree
