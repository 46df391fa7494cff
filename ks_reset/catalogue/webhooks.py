"""Webhooks and aggregated APIs, by the Service behind them. A name such as validating-webhook-configuration is
kubebuilder's default and half the operators of this world use it.
"""

from ks_reset.catalogue.loader import load
from ks_reset.catalogue.marks import own_group
from ks_reset.catalogue.namespaces import system_namespace
from ks_reset.model import Obj


def webhook_proof(obj: Obj) -> str | None:
    """The proof that every webhook of a configuration calls a Service of KubeSphere's, or None."""
    called = [(w.get("clientConfig") or {}).get("service") or {} for w in obj.body.get("webhooks") or []]
    services = {f"{s.get('namespace', '')}/{s.get('name', '')}" for s in called}
    known = {service for entry in load().webhooks for service in entry.services}
    if services and services <= known:
        return f"each of its webhooks calls {', '.join(sorted(services))}, which is KubeSphere's"
    return None


def apiservice_proof(obj: Obj) -> str | None:
    """The proof that an APIService is KubeSphere's: its group or its Service's namespace; never metrics."""
    group = str(obj.spec.get("group", ""))
    namespace = (obj.spec.get("service") or {}).get("namespace", "")
    if group.endswith("metrics.k8s.io"):
        return None
    if own_group(group):
        return f"its group {group} is KubeSphere's"
    return f"its Service lies in KubeSphere's namespace {namespace}" if system_namespace(namespace) else None
