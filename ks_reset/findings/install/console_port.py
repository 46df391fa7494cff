"""The NodePort of the console belongs to a Service outside of KubeSphere's namespaces."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY, NAMESPACE_KEY, SERVICE_KEY
from ks_reset.findings.reads import Reads, each
from ks_reset.install.effective import effective_settings
from ks_reset.model import Evidence, ExternalAnswers, Finding, FleetFacts, Severity, Values

READS = Reads(found_in=each(SERVICE_KEY), decided_by=each(CLUSTER_CONFIGURATION_KEY, NAMESPACE_KEY))


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Finding]:
    for cluster in facts.clusters:
        wanted = effective_settings(values, cluster, facts).console_port
        for service in cluster.of(SERVICE_KEY):
            ports = [port.get("nodePort") for port in service.spec.get("ports") or []]
            if wanted and wanted in ports and not catalogue.own_namespace(cluster, service.namespace):
                port = str(wanted)
                yield Finding(
                    id="console-port",
                    severity=Severity.WARNING,
                    title=f"NodePort {port} of {cluster.name} belongs to {service.title}",
                    evidence=(Evidence(cluster.name, service.title, "spec.ports[].nodePort", port),),
                    next="The API server refuses the Service of KubeSphere's console.",
                    cure="Set consolePort in the values file to a NodePort that is free.",
                )
