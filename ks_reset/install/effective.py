"""What an installation will be: single settings of the configuration that is rendered for a cluster.

Each of them may come from a field of the values file, from its spec, or from what ran before.
"""

from msgspec import Struct

from ks_reset.install.configuration import chart_values, render_configuration
from ks_reset.model import Body, ClusterFacts, FleetFacts, Values

NODE_PORT = "NodePort"


class Effective(Struct, frozen=True):
    """The settings of one cluster. `console_port` is 0 where the console gets no NodePort.

    `registry` and `namespace` replace those of images; "" keeps them.
    """

    console_port: int
    storage_class: str
    jwt_secret: str
    registry: str
    namespace: str


def effective_settings(values: Values, cluster: ClusterFacts, facts: FleetFacts) -> Effective:
    """The settings of the ClusterConfiguration (3.x) or of the chart's values (4.x) of a cluster.

    ks-installer v3.3.1, deploy/cluster-configuration.yaml; local_registry and namespace_override:
    roles/download/defaults/main.yml. kubesphere v4.1.3, config/ks-core/values.yaml.
    """
    if values.release >= (4,):
        return _of_chart(chart_values(values, cluster, facts))
    return _of_configuration(render_configuration(values, cluster, facts)["spec"], values.release)


def _of_configuration(spec: Body, release: tuple[int, ...]) -> Effective:
    console = _nested(spec, "common", "core", "console") if release >= (3, 2) else _nested(spec, "console")
    exposed = str(console.get("type") or NODE_PORT) == NODE_PORT
    return Effective(
        _as_port(console.get("port")) if exposed else 0,
        str(_nested(spec, "persistence").get("storageClass") or ""),
        str(_nested(spec, "authentication").get("jwtSecret") or ""),
        str(spec.get("local_registry") or ""),
        str(spec.get("namespace_override") or ""),
    )


def _of_chart(values: Body) -> Effective:
    return Effective(
        _as_port(_nested(values, "portal", "http").get("port")),
        "",
        str(_nested(values, "authentication", "issuer").get("jwtSecret") or ""),
        str(_nested(values, "global").get("imageRegistry") or ""),
        "",
    )


def _nested(body: Body, *path: str) -> Body:
    for name in path:
        inner = body.get(name)
        body = inner if isinstance(inner, dict) else {}
    return body


def _as_port(port: object) -> int:
    return int(str(port)) if str(port or "").isdecimal() else 0
