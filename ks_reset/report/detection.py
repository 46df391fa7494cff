"""What is installed in each cluster as text, with the facts it rests on."""

from collections.abc import Iterator

from rich.console import Console

from ks_reset.catalogue.detection import Detection, State, detect_installation
from ks_reset.model import FleetFacts


def print_detections(facts: FleetFacts, console: Console) -> None:
    """Print for each cluster which KubeSphere is there, and what tells it."""
    for cluster in facts.clusters:
        for line in detection_lines(detect_installation(cluster)):
            console.print(f"{cluster.name}: {line}", markup=False)


def detection_lines(found: Detection) -> Iterator[str]:
    """State and versions, components, extensions, traces of earlier versions, evidence, and what could not be read."""
    unsure = f"no configuration or program tells the version, most objects are as in {found.likely}"
    versions = ", ".join(found.told) or (unsure if found.likely else "of no version that anything tells")
    role = f", role {found.role}" if found.role else ""
    yield f"KubeSphere {found.state}" + ("" if found.state is State.ABSENT else f"; {versions}{role}")
    if found.components:
        yield f"components: {', '.join(_component_texts(found))}"
    if found.extensions:
        yield f"extensions: {', '.join(found.extensions)}"
    if found.earlier:
        yield f"objects of earlier versions only: {', '.join(found.earlier)}"
    if found.evidence:
        yield "this rests on " + "; ".join(f"{e.object} {e.field} = {e.value}" for e in found.evidence)
    if found.unknown:
        yield f"no inventory of {', '.join(found.unknown)}: the inventories of all versions are used"
    if found.unread and found.state is State.ABSENT:
        yield f"not read, so KubeSphere may be there: {', '.join(found.unread)}"


def _component_texts(found: Detection) -> Iterator[str]:
    for part in found.components:
        yield f"{part.name} ({part.objects}{', no workload' if part.is_left_over else ''})"
