"""An object that the chart makes is there already, and helm does not take it for the release's: it stops half-way.

helm v3.19.5, pkg/action/validate.go, checkOwnership: label app.kubernetes.io/managed-by=Helm, annotations
meta.helm.sh/release-name and release-namespace.
"""

from collections.abc import Iterable

from ks_reset.facts import helm_releases
from ks_reset.facts.installation import RELEASE, SYSTEM
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

LABEL = ("app.kubernetes.io/managed-by", "Helm")
ANNOTATIONS = {"meta.helm.sh/release-name": RELEASE, "meta.helm.sh/release-namespace": SYSTEM}


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for chart in options.material.install.charts if options.material.install else ():
        world = facts.world(chart.cluster)
        if world is None or helm_releases.state(world.of("Secret")) == helm_releases.DEPLOYED:
            continue
        there = [obj for title in chart.makes if (obj := _found(world, title))]
        if strange := [obj for obj in there if _owner(obj) != (LABEL[1], *ANNOTATIONS.values())]:
            yield Finding(
                id="not-helms",
                severity=Severity.WARNING,
                title=f"{len(strange)} object(s) of {world.name} are what the chart makes, and not of its release",
                evidence=tuple(Evidence(world.name, o.title, "helm's owner", _said(o)) for o in strange),
                next="helm refuses to take them over, after it has made other things.",
                cure="If they are left of an earlier KubeSphere, ks-reset plan uninstall takes them off. If they are "
                "somebody's own, give them another name.",
                blocks=("reinstall",),
            )


def _found(world: ClusterFacts, title: str) -> Obj | None:
    """The object of a title, `Kind.group namespace/name`; what is in a namespace without saying so is in helm's."""
    key, _, place = title.partition(" ")
    namespace, _, name = place.rpartition("/")
    kind = world.kinds.get(key)
    if kind is None:
        return None
    return world.get(key, name, (namespace or SYSTEM) if kind.namespaced else "")


def _owner(obj: Obj) -> tuple[str, ...]:
    return obj.labels.get(LABEL[0], ""), *(obj.annotations.get(key, "") for key in ANNOTATIONS)


def _said(obj: Obj) -> str:
    manager, release, namespace = _owner(obj)
    return f"{manager or 'nobody'}, release {release or 'none'} in {namespace or 'no namespace'}"
