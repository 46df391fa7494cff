"""An image is in no registry that answers, and not on every node either."""

from collections.abc import Iterable

from ks_reset.install.images import on_every_node
from ks_reset.model import ExternalAnswers, FleetFacts, Obstacle, Values

CURE = "Mirror it into a registry of yours and name that with registry, or pull it on every node."


def check(_: Values, facts: FleetFacts, outside: ExternalAnswers) -> Iterable[Obstacle]:
    for image, why in outside.images.items():
        for world in facts.clusters:
            if why and not on_every_node(world, image):
                yield Obstacle("images", world.name, f"{image} cannot be pulled: {why}.", CURE)
