"""What people and GitOps do to a fleet between plan and apply, and between two writes of a run."""

from collections.abc import Callable

from ks_reset.apply.watch.run_lock import NAME
from ks_reset.catalogue.names import DEPLOYMENT_KIND, LEASE_KIND, NAMESPACE_KIND
from ks_reset.model import Body, Kind
from tests.faults.fake_store import FakeStore
from tests.interleavings.small import FED, KS, TIE

RECORD = "KubeFedCluster.core.kubefed.io"
HOOKS = "ValidatingWebhookConfiguration.admissionregistration.k8s.io"


def record_created_again(store: FakeStore) -> None:
    """The stale record is deleted and created with the same content: another object of the same name."""
    found = store.objects.get((RECORD, FED, "produce-trt"))
    if found:
        del store.objects[RECORD, FED, "produce-trt"]
        store.create(store.kinds[RECORD], FED, found)


def namespace_added(store: FakeStore) -> None:
    """A user has a new namespace, in the Workspace if that is still there."""
    workspace = store.objects.get(("Workspace.tenant.kubesphere.io", "", "ws1"))
    meta: Body = {"name": f"late-{store.count}"}
    if workspace:
        meta["ownerReferences"] = [TIE | {"uid": workspace["metadata"]["uid"]}]
        meta["labels"] = {"kubesphere.io/workspace": "ws1"}
    store.create(NAMESPACE_KIND, "", {"metadata": meta})


def controllers_scaled_up(store: FakeStore) -> None:
    """GitOps sets the replicas of kubefed and ks-controller-manager again."""
    for space, name in ((FED, "kubefed-controller-manager"), (KS, "ks-controller-manager")):
        _change(store, DEPLOYMENT_KIND, space, name, [{"op": "replace", "path": "/spec/replicas", "value": 1}])


def webhook_back(store: FakeStore) -> None:
    """`helm upgrade` brings a webhook of KubeSphere back."""
    body = {"metadata": {"name": "users.iam.kubesphere.io"}, "webhooks": []}
    if (HOOKS, "", "users.iam.kubesphere.io") not in store.objects:
        store.create(store.kinds[HOOKS], "", body)


def finalizer_added(store: FakeStore) -> None:
    """An operator of a user adds its finalizer to a user's namespace."""
    _change(store, NAMESPACE_KIND, "", "catalog", {"metadata": {"finalizers": ["example.com/backup"]}})


def owner_added(store: FakeStore) -> None:
    """Somebody moves a namespace into the Workspace, while that is there."""
    workspace = store.objects.get(("Workspace.tenant.kubesphere.io", "", "ws1"))
    if workspace and not workspace["metadata"].get("deletionTimestamp"):
        owners = [TIE | {"uid": workspace["metadata"]["uid"]}]
        _change(store, NAMESPACE_KIND, "", "catalog", {"metadata": {"ownerReferences": owners}})


def lock_stolen(store: FakeStore) -> None:
    """Another machine takes the run lock."""
    spec = {"spec": {"holderIdentity": "another", "leaseDurationSeconds": 1}}
    _change(store, LEASE_KIND, "kube-system", NAME, spec)


DEEDS: dict[str, Callable[[FakeStore], None]] = {
    deed.__name__: deed
    for deed in (
        *(record_created_again, namespace_added, controllers_scaled_up, webhook_back),
        *(finalizer_added, owner_added, lock_stolen),
    )
}


def _change(store: FakeStore, kind: Kind, namespace: str, name: str, change: object) -> None:
    if (kind.key, namespace, name) in store.objects:
        how = "application/json-patch+json" if isinstance(change, list) else "application/merge-patch+json"
        store.patch(kind, namespace, name, change, how)
