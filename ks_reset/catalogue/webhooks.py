"""Proofs for webhook configurations and aggregated APIs, by the Service behind them.

A name such as validating-webhook-configuration proves nothing: it is kubebuilder's default, and many operators use it.
"""

from ks_reset.catalogue.loader import load_catalogue
from ks_reset.catalogue.marks import is_own_group
from ks_reset.catalogue.namespaces import system_namespace
from ks_reset.model import Obj

CONFIGURATIONS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


def webhook_proof(obj: Obj) -> str | None:
    """The proof that all webhooks of a configuration call KubeSphere's Services; or None."""
    if obj.kind.kind not in CONFIGURATIONS:
        return None
    called = [(w.get("clientConfig") or {}).get("service") or {} for w in obj.body.get("webhooks") or []]
    services = {f"{s.get('namespace', '')}/{s.get('name', '')}" for s in called}
    known = {service for entry in load_catalogue().webhooks for service in entry.services}
    if services and services <= known:
        return f"each of its webhooks calls {', '.join(sorted(services))}, which is KubeSphere's"
    return None


def apiservice_proof(obj: Obj) -> str | None:
    """The proof that an APIService is KubeSphere's: its group or its Service's namespace; or None.

    v1beta1.metrics.k8s.io has no proof: users share it (kubectl top, autoscalers).
    """
    if obj.kind.kind != "APIService" or obj.name in {
        e.name for e in load_catalogue().apiservices if e.remove == "never"
    }:
        return None
    group = str(obj.spec.get("group", ""))
    namespace = (obj.spec.get("service") or {}).get("namespace", "")
    if is_own_group(group):
        return f"its group {group} is KubeSphere's"
    return f"its Service lies in KubeSphere's namespace {namespace}" if system_namespace(namespace) else None
