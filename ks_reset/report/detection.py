"""What is installed in each cluster as text, with the facts it rests on."""

from collections.abc import Iterator

from rich.console import Console

from ks_reset.catalogue.detection import Clue, Detection, State, detect_installation
from ks_reset.language import join_words, translate, translate_phrase, translate_word
from ks_reset.model import FleetFacts
from ks_reset.report.commands import INDENT, wrap_prose


def print_detections(facts: FleetFacts, console: Console) -> None:
    """Print for each cluster which KubeSphere is there, and what tells it."""
    for cluster in facts.clusters:
        for line in detection_lines(detect_installation(cluster)):
            for wrapped in wrap_prose(f"{cluster.name}: {line}", console.width, 0, INDENT):
                console.print(wrapped, markup=False, soft_wrap=True)


def detection_lines(found: Detection) -> Iterator[str]:
    """State and versions, components, extensions, traces of earlier versions, evidence, and what could not be read."""
    state = translate_phrase("KubeSphere {0}", translate_word(found.state))
    role = translate_phrase(", role {0}", found.role) if found.role else ""
    yield state if found.state is State.ABSENT else translate_phrase("{0}; {1}{2}", state, _versions_text(found), role)
    if found.components:
        yield translate_phrase("components: {0}", join_words(_component_texts(found)))
    if found.extensions:
        yield translate_phrase("extensions: {0}", ", ".join(found.extensions))
    if found.earlier:
        yield f"objects of earlier versions only: {', '.join(found.earlier)}"
    if found.evidence:
        yield translate_phrase("this rests on {0}", translate_phrase("; ").join(map(_clue_text, found.evidence)))
    if found.unknown:
        yield f"no inventory of {', '.join(found.unknown)}: the inventories of all versions are used"
    if found.unread and found.state is State.ABSENT:
        yield f"not read, so KubeSphere may be there: {', '.join(found.unread)}"


def _clue_text(clue: Clue) -> str:
    count, _, word = clue.object.partition(" ")
    what = translate_phrase("{0} objects", count) if word == "objects" else translate(clue.object)
    return f"{what} {translate(clue.field)} = {translate(clue.value)}"


def _versions_text(found: Detection) -> str:
    if found.told:
        return ", ".join(found.told)
    if found.likely:
        return translate(f"no configuration or program tells the version, most objects are as in {found.likely}")
    return translate("version unknown")


def _component_texts(found: Detection) -> Iterator[str]:
    for part in found.components:
        if part.is_left_over:
            yield translate_phrase("{0} ({1}, no workload)", part.name, part.objects)
        else:
            yield translate_phrase("{0} ({1})", part.name, part.objects)
