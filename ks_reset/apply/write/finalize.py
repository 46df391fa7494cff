"""restore-finalizer: put `kubernetes` back into the spec.finalizers of a namespace, through /finalize.

Any other update keeps spec.finalizers as they are (kubernetes v1.24.17, pkg/registry/core/namespace/strategy.go,
PrepareForUpdate). The subresource takes PUT alone, and replaces labels and annotations too (storage/storage.go,
FinalizeREST; strategy.go, namespaceFinalizeStrategy). So the whole object is sent as read, with its resourceVersion: a
change in between is a conflict, and the object is read again.
"""

from collections.abc import Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.request import Request, wait_settled, write_object
from ks_reset.catalogue.names import KUBERNETES_FINALIZER
from ks_reset.cluster import Client
from ks_reset.guards import GuardContext
from ks_reset.model import Obj, RestoreFinalizer


def restore_finalizers(run: RunContext, actions: Sequence[RestoreFinalizer]) -> None:
    """Returns once each namespace has the finalizer. Raises what a guard raises, or Stopped after the run's timeout."""
    for action in actions:
        write_object(run, action, finalizer_request)
    wait_settled(run, actions, lambda action, now: finalizer_request(action, now) is None)


def finalizer_request(action: RestoreFinalizer, now: Obj | None) -> Request | None:
    """The request, or None for a namespace that is absent or has the finalizer."""
    if now is None or KUBERNETES_FINALIZER in (now.spec.get("finalizers") or []):
        return None
    finalizers = [*(now.spec.get("finalizers") or []), KUBERNETES_FINALIZER]
    body = {**now.body, "spec": {**now.spec, "finalizers": finalizers}}

    def send(cluster: Client, _: GuardContext) -> None:
        cluster.request("PUT", f"{action.kind.path('', action.name)}/finalize", body)

    return Request(now, send, action)
