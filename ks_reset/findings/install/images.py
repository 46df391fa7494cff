"""An image can be pulled from no registry, and is not on every node either."""

from collections.abc import Iterable

from ks_reset.catalogue.names import NODE_KEY
from ks_reset.findings.reads import Reads, each
from ks_reset.install.images import on_every_node
from ks_reset.model import Evidence, ExternalAnswers, Finding, FleetFacts, Severity, Values

READS = Reads(decided_by=each(NODE_KEY))


def check(_: Values, facts: FleetFacts, answers: ExternalAnswers) -> Iterable[Finding]:
    for image, why in answers.images.items():
        for cluster in facts.clusters:
            if why and not on_every_node(cluster, image):
                yield Finding(
                    id="images",
                    severity=Severity.WARNING,
                    title=f"{image} cannot be pulled on {cluster.name}: {why}",
                    evidence=(Evidence(cluster.name, image, "answer of the registry", why),),
                    next="Pods that need this image do not start.",
                    cure="Mirror it into a registry of yours and set registry in the values file, or pull it on every "
                    "node.",
                )
