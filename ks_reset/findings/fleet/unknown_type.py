"""Objects in KubeSphere's API groups whose component is not covered: nobody knows what their deletion sets off."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.entries import CrdEntry
from ks_reset.facts.crds import own_types
from ks_reset.model import Evidence, Finding, FleetFacts, Options, Severity


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    known = catalogue.load()
    for world in facts.clusters:
        strange = [c for c in own_types(world) if not _covered(known.crd(c.name)) and world.of(_key(c.spec))]
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
            )


def _covered(entry: CrdEntry | None) -> bool:
    return entry is not None and entry.component in catalogue.COVERED


def _key(spec: dict[str, dict[str, str]]) -> str:
    return f"{spec['names']['kind']}.{spec['group']}"
