"""etcd is to be monitored, and the Secret with its certificates is absent.

ks-installer v3.3.1, roles/ks-monitor/tasks/etcd.yaml does not apply the Secret.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import MONITORING_NAMESPACE, SECRET_KEY
from ks_reset.findings.reads import ANY_LIST, Reads, anywhere, each
from ks_reset.install.configuration import render_configuration
from ks_reset.model import Evidence, ExternalAnswers, Finding, FleetFacts, Severity, Values

NAMESPACE, NAME = MONITORING_NAMESPACE, "kube-etcd-client-certs"

READS = Reads(decided_by=(*each(SECRET_KEY), *anywhere(ANY_LIST)))


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Finding]:
    for cluster in facts.clusters if values.release < (4,) else ():
        etcd = render_configuration(values, cluster, facts)["spec"].get("etcd") or {}
        if etcd.get("monitoring") and etcd.get("tlsEnable", True) and not cluster.get(SECRET_KEY, NAME, NAMESPACE):
            yield Finding(
                id="etcd-secret",
                severity=Severity.WARNING,
                title=f"{cluster.name} is to monitor etcd, and has no Secret {NAMESPACE}/{NAME}",
                evidence=(Evidence(cluster.name, f"Secret {NAMESPACE}/{NAME}", "with spec.etcd.monitoring", "absent"),),
                next="ks-installer does not create this Secret, and an uninstall deletes it.",
                cure="Keep the certificates and create the Secret again before the installation, or set "
                "spec.etcd.monitoring to false in the values file.",
            )
