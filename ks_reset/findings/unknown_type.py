"""A type in KubeSphere's API groups that the catalogue does not know: what its deletion sets off is unknown too."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import Evidence, Facts, Finding, Options, Severity

CRD = "CustomResourceDefinition.apiextensions.k8s.io"


def check(facts: Facts, _: Options) -> Iterable[Finding]:
    known = catalogue.load()
    for world in facts.worlds:
        own = [c for c in world.of(CRD) if catalogue.own_group(c.spec.get("group", ""))]
        strange = [c for c in own if known.crd(c.name) is None and world.of(_key(c.spec))]
        if strange:
            yield Finding(
                id="unknown-type",
                severity=Severity.WARNING,
                title=f"{world.name} holds objects of {len(strange)} KubeSphere type(s) unknown to this ks-reset",
                evidence=tuple(
                    Evidence(world.name, c.title, "objects", str(len(world.of(_key(c.spec))))) for c in strange
                ),
                next="They belong to a component outside this catalogue; deleting them may delete workloads.",
                cure="Disable and remove that component first, or use a ks-reset whose catalogue has it.",
                blocks=("uninstall",),
            )


def _key(spec: dict[str, dict[str, str]]) -> str:
    return f"{spec['names']['kind']}.{spec['group']}"
