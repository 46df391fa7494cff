"""An object of the chart exists already, and not as part of its release: helm stops half-way.

helm v3.19.5, pkg/action/validate.go, checkOwnership: label app.kubernetes.io/managed-by=Helm, annotations
meta.helm.sh/release-name and release-namespace.
"""

import shlex
from collections.abc import Iterable

from ks_reset.catalogue.names import (
    HELM_MANAGED_BY_LABEL,
    HELM_RELEASE_NAME_ANNOTATION,
    HELM_RELEASE_NAMESPACE_ANNOTATION,
    KS_CORE_RELEASE,
    KUBESPHERE_NAMESPACE,
    SECRET_KEY,
)
from ks_reset.facts import helm_releases
from ks_reset.findings.mend import for_cluster
from ks_reset.findings.reads import ANY_LIST, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

LABEL = (HELM_MANAGED_BY_LABEL, "Helm")
ANNOTATIONS = {HELM_RELEASE_NAME_ANNOTATION: KS_CORE_RELEASE, HELM_RELEASE_NAMESPACE_ANNOTATION: KUBESPHERE_NAMESPACE}

READS = Reads(found_in=each(ANY_LIST), decided_by=each(SECRET_KEY))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for chart in options.material.install.charts if options.material.install else ():
        cluster = facts.cluster(chart.cluster)
        if cluster is None or helm_releases.release_status(cluster.of(SECRET_KEY)) == helm_releases.DEPLOYED:
            continue
        existing = [obj for title in chart.makes if (obj := _object_at(cluster, title))]
        if foreign := [obj for obj in existing if _helm_owner(obj) != (LABEL[1], *ANNOTATIONS.values())]:
            yield Finding(
                id="not-helms",
                severity=Severity.WARNING,
                title=f"{len(foreign)} object(s) of {cluster.name} are named as the chart's, and not of its release",
                evidence=tuple(Evidence(cluster.name, o.title, "helm's owner", _owner_text(o)) for o in foreign),
                next="helm refuses to take them over, after it has created other objects.",
                cure="If they are left of an earlier KubeSphere: "
                f"ks-reset plan uninstall{for_cluster(facts, cluster)} --out plan.json removes them. "
                "If they are somebody's own, their owner gives them another name; that is done when this shows "
                f"nothing: {_look(cluster, foreign)}.",
            )


def _look(cluster: ClusterFacts, objects: list[Obj]) -> str:
    """The commands to show these objects while they are there."""
    kubectl = f"kubectl --context {shlex.quote(cluster.context)}"
    return "; ".join(
        f"{kubectl}{f' -n {obj.namespace}' if obj.namespace else ''} get {obj.kind.resource} {obj.name} "
        "--ignore-not-found"
        for obj in objects[:20]
    )


def _object_at(cluster: ClusterFacts, title: str) -> Obj | None:
    """The object of a title, `Kind.group namespace/name`; without a namespace, a namespaced one is in the release's."""
    key, _, place = title.partition(" ")
    namespace, _, name = place.rpartition("/")
    kind = cluster.kinds.get(key)
    if kind is None:
        return None
    return cluster.get(key, name, (namespace or KUBESPHERE_NAMESPACE) if kind.namespaced else "")


def _helm_owner(obj: Obj) -> tuple[str, ...]:
    return obj.labels.get(LABEL[0], ""), *(obj.annotations.get(key, "") for key in ANNOTATIONS)


def _owner_text(obj: Obj) -> str:
    manager, release, namespace = _helm_owner(obj)
    return f"{manager or 'nobody'}, release {release or 'none'} in {namespace or 'no namespace'}"
