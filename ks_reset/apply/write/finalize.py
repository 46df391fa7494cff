"""restore-finalizer: put `kubernetes` back into the spec.finalizers of a namespace, through /finalize.

Any other update keeps spec.finalizers as they are (kubernetes v1.24.17, pkg/registry/core/namespace/strategy.go,
PrepareForUpdate). The subresource takes PUT alone, and replaces labels and annotations too (storage/storage.go,
FinalizeREST; strategy.go, namespaceFinalizeStrategy). So the whole object is sent as read, with its resourceVersion: a
change in between is a conflict, and the object is read again.
"""

from collections.abc import Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.flight import write_all
from ks_reset.apply.write.request import Request, Writing
from ks_reset.catalogue.names import KUBERNETES_FINALIZER
from ks_reset.cluster import Client
from ks_reset.guards import GuardContext
from ks_reset.model import Body, Obj, RestoreFinalizer


def restore_finalizers(run: RunContext, actions: Sequence[RestoreFinalizer]) -> None:
    """Returns once each namespace has the finalizer. Raises what a guard raises, or Stopped after the run's timeout."""

    def is_settled(action: RestoreFinalizer, now: Obj | None) -> bool:
        return finalizer_request(action, now) is None

    write_all(run, actions, Writing(finalizer_request, is_settled, lambda _, __: False))


def finalizer_request(action: RestoreFinalizer, now: Obj | None) -> Request | None:
    """The request, or None for a namespace that is absent or has the finalizer."""
    if now is None or KUBERNETES_FINALIZER in (now.spec.get("finalizers") or []):
        return None
    finalizers = [*(now.spec.get("finalizers") or []), KUBERNETES_FINALIZER]
    body = {**now.body, "spec": {**now.spec, "finalizers": finalizers}}

    def send(cluster: Client, _: GuardContext) -> Body:
        return cluster.request("PUT", f"{action.kind.path('', action.name)}/finalize", body)

    return Request(now, send, action)
