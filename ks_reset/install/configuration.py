"""What is configured: ClusterConfiguration of 3.x, or the values of the chart ks-core of 4.x.

Rendered from a template by version; defaults are what ran before, as far as it was recorded. An adminPassword that is
present and empty draws a random one, one that is absent is P@88w0rd (ks-installer v3.3.1,
roles/ks-core/ks-core/tasks/main.yaml); so it is there only if it was given.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY, KS_INSTALLER, KUBESPHERE_NAMESPACE
from ks_reset.credentials.recorded import unrecorded
from ks_reset.model import Body, ClusterFacts, FleetFacts, Values


def configuration(values: Values, cluster: ClusterFacts, facts: FleetFacts) -> Body:
    """The ClusterConfiguration for one cluster."""
    was = before(cluster)
    text = (
        _template_environment()
        .get_template("cluster-configuration.yaml")
        .render(v=values, role=role(values, cluster, facts))
    )
    made: Body = yaml.safe_load(text)
    spec = merged(merged(made["spec"], was), _operator_spec(values))
    spec = merged(spec, {"multicluster": {"clusterRole": role(values, cluster, facts)}})
    return {**made, "spec": merged(spec, values.spec)}


def chart_values(values: Values, cluster: ClusterFacts, facts: FleetFacts) -> Body:
    """The values of the chart for one cluster."""
    text = (
        _template_environment().get_template("ks-core-values.yaml").render(v=values, role=role(values, cluster, facts))
    )
    made: Body = yaml.safe_load(text)
    return merged(made, values.spec)


def before(cluster: ClusterFacts) -> Body:
    """The spec that ran before, without what was recorded as a digest alone."""
    found = cluster.get(CLUSTER_CONFIGURATION_KEY, KS_INSTALLER, KUBESPHERE_NAMESPACE)
    return _without_digests(found.spec) if found else {}


def role(values: Values, cluster: ClusterFacts, facts: FleetFacts) -> str:
    """host for the host of a fleet, member for its members; alone, what was asked for or ran before, else none."""
    if cluster is not facts.host:
        return "member"
    ran = (before(cluster).get("multicluster") or {}).get("clusterRole", "")
    return values.cluster_role or ("host" if facts.members else str(ran) or "none")


def merged(under: Body, over: Body) -> Body:
    """The second laid over the first, map by map."""
    both = {k: v for k, v in under.items() if k not in over}
    for key, value in over.items():
        below = under.get(key)
        both[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return both


def _operator_spec(values: Values) -> Body:
    """What the operator said, which comes before what ran."""
    asked: Body = {name: {"enabled": on} for name, on in values.components.items()}
    if values.jwt_secret:
        asked["authentication"] = {"jwtSecret": values.jwt_secret}
    if values.admin_password is not None:
        asked["authentication"] = {**asked.get("authentication", {}), "adminPassword": values.admin_password}
    if values.storage_class:
        asked["persistence"] = {"storageClass": values.storage_class}
    if values.registry:
        asked["local_registry"] = values.registry
    return asked


def _without_digests(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {k: _without_digests(v) for k, v in value.items() if not (isinstance(v, str) and list(unrecorded(v, k)))}
        return {k: v for k, v in kept.items() if v != {} or value[k] == {}}
    return [_without_digests(each) for each in value] if isinstance(value, list) else value


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
