"""Which KubeSphere is here: versions, components and role of a cluster, and what this rests on. Pure."""

from ks_reset.catalogue.detection.components import ComponentFound
from ks_reset.catalogue.detection.detect import Detection, State, detect_installation
from ks_reset.catalogue.detection.versions import Clue

__all__ = ["Clue", "ComponentFound", "Detection", "State", "detect_installation"]
