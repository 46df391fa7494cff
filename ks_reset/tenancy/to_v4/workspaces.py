"""Convert WorkspaceTemplates, placed by name or labels on the Clusters of 4.1, and nowhere without either.

kubesphere v4.1.3, staging/src/kubesphere.io/api/tenant/v1beta1/workspacetemplate_types.go and
pkg/controller/workspacetemplate/utils/helper.go: an empty list of names counts as absent, and the selector decides;
for kubefed an empty list meant no cluster (v0.8.1, pkg/controller/util/placement.go). 4.1 deletes a Workspace on a
cluster not matched by its template (pkg/controller/workspacetemplate/workspacetemplate_controller.go).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, HOST_ROLE_LABEL
from ks_reset.facts.label_selectors import selector_matches
from ks_reset.model import BeforeImage, Body, Obj, Reach, Skipped
from ks_reset.tenancy.to_v4.convert import Conversion, converted_object, kept_metadata, skipped_object

DEFAULT_HOST_NAME = "host"
"""The default name of the host's Cluster in 4.1 (config/ks-core/templates/_helpers.tpl)."""


def convert_template(of: Conversion, past: BeforeImage) -> Iterable[BeforeImage | Skipped]:
    """Convert a WorkspaceTemplate; its parts unknown to 4.1 are listed as skipped."""
    spec, name = past.obj.spec, past.obj.name
    inner = spec.get("template") or {}
    place = _convert_placement(of, spec.get("placement") or {}, name)
    about = {k: v for k, v in (inner.get("metadata") or {}).items() if k in ("labels", "annotations") and v}
    manager = {k: v for k, v in (inner.get("spec") or {}).items() if k == "manager"}
    body = {"placement": place, "template": {"metadata": about, "spec": manager}}
    yield converted_object(past, {"metadata": kept_metadata(past, past.obj.labels, past.obj.annotations), "spec": body})
    if spec.get("overrides"):
        yield skipped_object(of, past, "is converted without its overrides: 4.1 has none")
    if (inner.get("spec") or {}).get("networkIsolation"):
        yield skipped_object(
            of, past, "is converted without network isolation: this is an extension of 4.1 and is not enabled yet"
        )
    if missed := [cluster for cluster in _member_clusters(of, name) if not _placement_matches(of, place, cluster)]:
        why = "so no Workspace is created there: restore the Cluster's labels, or change the template's placement"
        yield skipped_object(
            of, past, f"no longer matches the Cluster {', '.join(missed)}, neither by name nor by labels, {why}"
        )


def _convert_placement(of: Conversion, was: Body, workspace: str) -> Body:
    """The placement with today's Cluster names; without one, as without multi-cluster, the Clusters in actual use."""
    if was.get("clusters") is None and was.get("clusterSelector") is not None:
        return {"clusterSelector": was["clusterSelector"]}
    then, now = _old_host_name(of), _host_name(of)
    listed = [now if each.get("name") == then else each.get("name") for each in was.get("clusters") or []]
    return {"clusters": [{"name": name} for name in listed or _member_clusters(of, workspace) if name]}


def _member_clusters(of: Conversion, workspace: str) -> list[str]:
    """Today's names of the Clusters with namespaces bound to a Workspace, sorted."""
    identities = {bond.cluster for bond in of.memory.bonds if bond.workspace == workspace and bond.there}
    return sorted(name for identity in identities if (name := _cluster_name(of, identity)))


def _cluster_name(of: Conversion, identity: str) -> str:
    """The name of a cluster's Cluster, else the operator's name for the member; "" if neither is known."""
    host = of.facts.host
    if identity == host.identity:
        return _host_name(of)
    reaching = (d.record for d in host.connections if d.reach is Reach.REACHED and d.identity == identity)
    cluster = of.facts.cluster(identity)
    return next(reaching, cluster.name if cluster else "")


def _placement_matches(of: Conversion, place: Body, name: str) -> bool:
    """Whether a placement matches a Cluster; any selector matches a Cluster not joined yet: its labels are unknown."""
    if names := [each.get("name") for each in place.get("clusters") or []]:
        return name in names
    cluster = of.facts.host.get(CLUSTER_KEY, name)
    return "clusterSelector" in place and (
        cluster is None or selector_matches(place["clusterSelector"], cluster.labels)
    )


def _old_host_name(of: Conversion) -> str:
    return _find_host_name([past.obj for past in of.memory.objects if past.kind.key == CLUSTER_KEY])


def _host_name(of: Conversion) -> str:
    return _find_host_name(of.facts.host.of(CLUSTER_KEY))


def _find_host_name(clusters: Iterable[Obj]) -> str:
    return next((each.name for each in clusters if HOST_ROLE_LABEL in each.labels), DEFAULT_HOST_NAME)
