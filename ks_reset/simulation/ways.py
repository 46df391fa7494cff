"""The way on from a plan that cannot be made: what is to be done, with the exact command."""

from ks_reset.catalogue.names import WEBHOOK_KEYS
from ks_reset.facts.dead_webhooks import way_past_webhook
from ks_reset.facts.homeless_objects import homeless_objects, way_past_absence
from ks_reset.model import FleetFacts
from ks_reset.simulation.chains import Consequence


def way_past_refusal(facts: FleetFacts, effect: Consequence) -> str:
    """The way past a webhook without a backend, or an absent namespace; "" for another reason of the API server's."""
    for cluster in facts.clusters:
        homeless = {obj.title: obj.namespace for obj in homeless_objects(cluster)}
        if cluster.name == effect.cluster and effect.object in homeless:
            return f" {way_past_absence(cluster, homeless[effect.object])}. Then run the same command again."
        for configuration in (obj for key in WEBHOOK_KEYS for obj in cluster.of(key)):
            if cluster.name == effect.cluster and effect.detail.startswith(f"{configuration.title} has "):
                return f" {way_past_webhook(cluster, configuration)}. Then run the same command again."
    return ""
