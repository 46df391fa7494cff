"""WorkspaceTemplates: placed by name or labels on the Clusters of 4.1, and nowhere without either.

kubesphere v4.1.3, staging/src/kubesphere.io/api/tenant/v1beta1/workspacetemplate_types.go and
pkg/controller/workspacetemplate/utils/helper.go: a list of names that is empty counts as none, and then the selector
decides; kubefed took an empty list for nowhere (v0.8.1, pkg/controller/util/placement.go). A Workspace on a cluster
that its template does not match is deleted (pkg/controller/workspacetemplate/workspacetemplate_controller.go).
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import CLUSTER_KEY, HOST_ROLE_LABEL
from ks_reset.facts.label_selectors import selects
from ks_reset.model import BeforeImage, Body, Obj, Reach, Skipped
from ks_reset.tenancy.to_v4.convert import Conversion, converted_object, kept_metadata, skipped_object

DEFAULT_HOST_NAME = "host"
"""What 4.1 calls its own Cluster unless told otherwise (config/ks-core/templates/_helpers.tpl)."""


def convert_template(of: Conversion, past: BeforeImage) -> Iterable[BeforeImage | Skipped]:
    """The template, and what of it 4.1 does not know."""
    spec, name = past.obj.spec, past.obj.name
    inner = spec.get("template") or {}
    place = _convert_placement(of, spec.get("placement") or {}, name)
    about = {k: v for k, v in (inner.get("metadata") or {}).items() if k in ("labels", "annotations") and v}
    manager = {k: v for k, v in (inner.get("spec") or {}).items() if k == "manager"}
    body = {"placement": place, "template": {"metadata": about, "spec": manager}}
    yield converted_object(past, {"metadata": kept_metadata(past, past.obj.labels, past.obj.annotations), "spec": body})
    if spec.get("overrides"):
        yield skipped_object(of, past, "is made without its overrides: 4.1 knows none")
    if (inner.get("spec") or {}).get("networkIsolation"):
        yield skipped_object(
            of, past, "is made without network isolation: that is an extension of 4.1, and isolates nothing yet"
        )
    if missed := [each for each in _member_clusters(of, name) if not _placement_matches(of, place, each)]:
        why = "so no Workspace is made there: label the Cluster as it was, or place the template anew"
        yield skipped_object(
            of, past, f"matches the Cluster {', '.join(missed)} no more, neither by name nor by labels, {why}"
        )


def _convert_placement(of: Conversion, was: Body, workspace: str) -> Body:
    """Where it was placed, in the names of now; where it was in fact, if it said nowhere, as without multi-cluster."""
    if was.get("clusters") is None and was.get("clusterSelector") is not None:
        return {"clusterSelector": was["clusterSelector"]}
    then, now = _old_host_name(of), _host_name(of)
    named = [now if each.get("name") == then else each.get("name") for each in was.get("clusters") or []]
    return {"clusters": [{"name": name} for name in named or _member_clusters(of, workspace) if name]}


def _member_clusters(of: Conversion, workspace: str) -> list[str]:
    """The Clusters of now on which namespaces were bound to a Workspace."""
    bonds = {bond.cluster for bond in of.memory.bonds if bond.workspace == workspace and bond.there}
    return sorted(name for identity in bonds if (name := _cluster_name(of, identity)))


def _cluster_name(of: Conversion, identity: str) -> str:
    """The name of a cluster's Cluster, or the one that the operator joins it by."""
    host = of.facts.host
    if identity == host.identity:
        return _host_name(of)
    led = (d.record for d in host.connections if d.reach is Reach.REACHED and d.identity == identity)
    cluster = of.facts.world(identity)
    return next(led, cluster.name if cluster else "")


def _placement_matches(of: Conversion, place: Body, name: str) -> bool:
    """Whether a placement takes a Cluster; one that is not joined yet is not judged by its labels."""
    if names := [each.get("name") for each in place.get("clusters") or []]:
        return name in names
    found = of.facts.host.get(CLUSTER_KEY, name)
    return "clusterSelector" in place and (found is None or selects(place["clusterSelector"], found.labels))


def _old_host_name(of: Conversion) -> str:
    return _find_host_name([past.obj for past in of.memory.objects if past.kind.key == CLUSTER_KEY])


def _host_name(of: Conversion) -> str:
    return _find_host_name(of.facts.host.of(CLUSTER_KEY))


def _find_host_name(clusters: Iterable[Obj]) -> str:
    return next((each.name for each in clusters if HOST_ROLE_LABEL in each.labels), DEFAULT_HOST_NAME)
