"""The NodePort of the console is taken by somebody else's Service."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import ExternalAnswers, FleetFacts, Obstacle, Values


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Obstacle]:
    for world in facts.clusters:
        for service in world.of("Service"):
            ports = [port.get("nodePort") for port in service.spec.get("ports") or []]
            if values.console_port in ports and not catalogue.system_namespace(service.namespace):
                what = f"NodePort {values.console_port} belongs to {service.title}."
                yield Obstacle("console-port", world.name, what, "Choose another one with consolePort.")
