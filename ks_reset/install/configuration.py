"""Render the configuration: ClusterConfiguration of 3.x, or the values of the chart ks-core of 4.x.

Rendered from a template by version; the recorded configuration before is the default. An empty adminPassword makes
ks-installer generate one, an absent one means P@88w0rd (ks-installer v3.3.1, roles/ks-core/ks-core/tasks/main.yaml);
so it is included only if given.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY, KS_INSTALLER, KUBESPHERE_NAMESPACE
from ks_reset.credentials.recorded import digest_fields
from ks_reset.model import Body, ClusterFacts, FleetFacts, Values


def render_configuration(values: Values, cluster: ClusterFacts, facts: FleetFacts) -> Body:
    """The body of the ClusterConfiguration for one cluster."""
    former = previous_spec(cluster)
    text = (
        _template_environment()
        .get_template("cluster-configuration.yaml")
        .render(v=values, role=configured_role(values, cluster, facts))
    )
    rendered: Body = yaml.safe_load(text)
    spec = deep_merged(deep_merged(rendered["spec"], former), _operator_spec(values))
    spec = deep_merged(spec, {"multicluster": {"clusterRole": configured_role(values, cluster, facts)}})
    return {**rendered, "spec": deep_merged(spec, values.spec)}


def chart_values(values: Values, cluster: ClusterFacts, facts: FleetFacts) -> Body:
    """The values of the chart ks-core for one cluster."""
    text = (
        _template_environment()
        .get_template("ks-core-values.yaml")
        .render(v=values, role=configured_role(values, cluster, facts))
    )
    rendered: Body = yaml.safe_load(text)
    return deep_merged(rendered, values.spec)


def previous_spec(cluster: ClusterFacts) -> Body:
    """The spec of the recorded ClusterConfiguration, without fields recorded as digests; {} without one."""
    recorded = cluster.get(CLUSTER_CONFIGURATION_KEY, KS_INSTALLER, KUBESPHERE_NAMESPACE)
    return _without_digests(recorded.spec) if recorded else {}


def configured_role(values: Values, cluster: ClusterFacts, facts: FleetFacts) -> str:
    """host or member in a fleet; for a single cluster the role in the values, else the former role, else none."""
    if cluster is not facts.host:
        return "member"
    former = (previous_spec(cluster).get("multicluster") or {}).get("clusterRole", "")
    return values.cluster_role or ("host" if facts.members else str(former) or "none")


def deep_merged(under: Body, over: Body) -> Body:
    """The two merged recursively; `over` wins."""
    both = {k: v for k, v in under.items() if k not in over}
    for key, value in over.items():
        below = under.get(key)
        both[key] = deep_merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return both


def _operator_spec(values: Values) -> Body:
    """The spec set by the operator's values; it overrides the former spec."""
    spec: Body = {name: {"enabled": on} for name, on in values.components.items()}
    if values.jwt_secret:
        spec["authentication"] = {"jwtSecret": values.jwt_secret}
    if values.admin_password is not None:
        spec["authentication"] = {**spec.get("authentication", {}), "adminPassword": values.admin_password}
    if values.storage_class:
        spec["persistence"] = {"storageClass": values.storage_class}
    if values.registry:
        spec["local_registry"] = values.registry
    if values.host_cluster_name and values.release >= (3, 2):
        spec["multicluster"] = {"hostClusterName": values.host_cluster_name}
    console = {"console": {"port": values.console_port}}
    if values.console_port:
        spec = deep_merged(spec, {"common": {"core": console}} if values.release >= (3, 2) else console)
    return spec


def _without_digests(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {
            k: _without_digests(v) for k, v in value.items() if not (isinstance(v, str) and list(digest_fields(v, k)))
        }
        return {k: v for k, v in kept.items() if v != {} or value[k] == {}}
    return [_without_digests(entry) for entry in value] if isinstance(value, list) else value


@cache
def _template_environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - YAML, not HTML
    )
