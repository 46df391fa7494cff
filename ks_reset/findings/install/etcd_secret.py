"""etcd is to be monitored, and the Secret with its certificates is not there.

ks-installer v3.3.1, roles/ks-monitor/tasks/etcd.yaml leaves the Secret out of what it applies.
"""

from collections.abc import Iterable

from ks_reset.install.configuration import configuration
from ks_reset.model import ExternalAnswers, FleetFacts, Obstacle, Values

NAMESPACE, NAME = "kubesphere-monitoring-system", "kube-etcd-client-certs"


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Obstacle]:
    for world in facts.clusters if values.release < (4,) else ():
        etcd = configuration(values, world, facts)["spec"].get("etcd") or {}
        if etcd.get("monitoring") and etcd.get("tlsEnable", True) and not world.get("Secret", NAME, NAMESPACE):
            what = f"etcd.monitoring is on, and the Secret {NAMESPACE}/{NAME} is not there."
            cure = "An uninstall takes it along: keep the certificates, and make it again before, or switch that off."
            yield Obstacle("etcd-secret", world.name, what, cure)
