"""Types of an earlier installation, where KubeSphere is to be put on anew.

helm leaves a type in crds/ alone that is there, whatever its versions are (helm v3.19.5, pkg/action/install.go,
installCRDs); the API server refuses one that drops a version in which objects are stored, as ks-installer applies them
(ks-installer v3.3.1, roles/ks-core/ks-core, Upgrade CRDs). What is stored in them comes alive with the controllers.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.crds import CRD, own_types
from ks_reset.findings.request.planned_install import fresh, installing
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for world in installing(facts, options):
        left = [crd for crd in own_types(world) if _kubespheres(crd) and not _ours(crd, options)]
        if left and fresh(world):
            yield Finding(
                id="leftover-types",
                severity=Severity.WARNING,
                title=f"{world.name} has {len(left)} type(s) of an earlier KubeSphere, and no installation",
                evidence=tuple(Evidence(world.name, crd.title, "versions", _holds(world, crd)) for crd in left),
                next="The installation keeps them as they are, or is refused half-way; old records and Workspaces in "
                "them come alive again with its controllers.",
                cure="ks-reset plan uninstall -o plan.json takes them off, with everything else that is left.",
                blocks=("reinstall", "rejoin"),
            )


def _kubespheres(crd: Obj) -> bool:
    """Whether the catalogue proves that KubeSphere brings it: others serve types below kubesphere.io too."""
    entry = catalogue.load().crd(crd.name)
    return bool(entry and (entry.remove == "yes" or entry.ownership == "bundled-kubefed"))


def _ours(crd: Obj, options: Options) -> bool:
    """Whether the plan itself makes it: it comes before the configuration by which it is told that it has begun."""
    objects = options.material.install.objects if options.material.install else ()
    return any(past.kind.key == CRD and past.obj.name == crd.name for past in objects)


def _holds(world: ClusterFacts, crd: Obj) -> str:
    versions = ", ".join(str(each.get("name")) for each in crd.spec.get("versions") or ()) or "none"
    objects = world.of(f"{crd.spec['names']['kind']}.{crd.spec['group']}")
    return f"{versions}; {len(objects)} object(s)"
