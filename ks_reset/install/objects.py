"""The objects of an installation for a plan, with digests in place of credentials; apply fills these in again."""

from collections.abc import Iterable

from msgspec import structs

from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY, CLUSTER_CONFIGURATION_KIND
from ks_reset.credentials.recorded import digest_fields
from ks_reset.credentials.redact import redact_object, redact_values
from ks_reset.errors import Refused
from ks_reset.install.configuration import chart_values, render_configuration
from ks_reset.limits import load_yaml_documents
from ks_reset.model import BeforeImage, Body, Chart, ClusterFacts, FleetFacts, Install, Kind, Obj, Values, group_of


def install_from_manifest(values: Values, facts: FleetFacts, manifest: bytes) -> Install:
    """The objects of ks-installer's manifest and a ClusterConfiguration, for the host and each member.

    A ClusterConfiguration in the manifest itself is left out. Raises Refused for a type not served by a cluster.
    """
    bodies = [body for body in load_yaml_documents(manifest, "The manifest") if isinstance(body, dict)]
    objects = [past for cluster in facts.clusters for past in _cluster_objects(values, facts, cluster, bodies)]
    return Install(values.version, tuple(objects))


def install_from_chart(values: Values, facts: FleetFacts, sha256: str, rendered: Iterable[Body]) -> Install:
    """The chart for the host; the host installs it on members when they are joined.

    kubesphere v4.1.3, pkg/controller/cluster/cluster_controller.go.
    """
    host = facts.host
    titles = tuple(sorted(_body_title(body) for body in rendered))
    chart = Chart(host.identity, sha256, redact_values(chart_values(values, host, facts)), titles)
    return Install(values.version, charts=(chart,))


def _cluster_objects(
    values: Values, facts: FleetFacts, cluster: ClusterFacts, bodies: list[Body]
) -> Iterable[BeforeImage]:
    for body in bodies:
        if _body_key(body) != CLUSTER_CONFIGURATION_KEY:
            yield _planned_object(cluster, _served_kind(cluster, body), body)
    yield _planned_object(cluster, CLUSTER_CONFIGURATION_KIND, render_configuration(values, cluster, facts))


def _planned_object(cluster: ClusterFacts, kind: Kind, body: Body) -> BeforeImage:
    hidden = redact_object(body, kind.key)
    return BeforeImage(cluster.identity, kind, hidden, sealed=any(digest_fields(hidden)))


def _served_kind(cluster: ClusterFacts, body: Body) -> Kind:
    kind = cluster.kinds.get(_body_key(body))
    version = str(body.get("apiVersion", "")).rpartition("/")[2]
    if kind is None or kind.version != version:
        served = f"it serves {kind.version}" if kind else "it does not serve that type"
        raise Refused(
            f"The manifest brings a {body.get('kind')} of {body.get('apiVersion')}, and "
            f"{cluster.name} does not accept it: {served}. Nothing was sent. "
            "Set a version of KubeSphere for this version of Kubernetes in the values file, then run the same command "
            "again."
        )
    return structs.replace(kind, version=version)


def _body_key(body: Body) -> str:
    kind, group = str(body.get("kind", "")), group_of(str(body.get("apiVersion", "")))
    return f"{kind}.{group}" if group else kind


def _body_title(body: Body) -> str:
    group, _, version = str(body.get("apiVersion", "")).rpartition("/")
    return Obj(Kind(group, version, str(body.get("kind", "")), "", False), body).title
