"""Small fleets: two clusters, three records, one of them stale, a Workspace, three namespaces, one federated."""

from typing import Any

import yaml
from msgspec import Struct

from ks_reset.model import FleetFacts
from tests.build import Rows, facts

FED, KS = "kube-federation-system", "kubesphere-system"
WHEN = "2026-01-01T00:00:00Z"
COMMON = """
- {kind: Namespace, metadata: {name: kube-federation-system}}
- {kind: Namespace, metadata: {name: kubesphere-system}}
- {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration}
"""
TYPE = """
- {apiVersion: tenant.kubesphere.io/v1alpha1, kind: Workspace}
- apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata: {name: workspaces.tenant.kubesphere.io}
  spec: {group: tenant.kubesphere.io, scope: Cluster, names: {kind: Workspace, plural: workspaces}}
"""
HOST = """
- {kind: Namespace, metadata: {name: shop, finalizers: [finalizers.kubesphere.io/namespaces]}}
- kind: Namespace
  metadata:
    name: catalog
    labels: {kubefed.io/managed: "true", kubesphere.io/workspace: ws1}
    finalizers: [finalizers.kubesphere.io/namespaces]
- apiVersion: core.kubefed.io/v1beta1
  kind: FederatedTypeConfig
  metadata: {name: workspaces, namespace: kube-federation-system, finalizers: [core.kubefed.io/federated-type-config]}
  spec:
    federatedType: {group: types.kubefed.io, kind: FederatedWorkspace}
    targetType: {group: tenant.kubesphere.io, kind: Workspace, scope: Cluster}
- apiVersion: core.kubefed.io/v1beta1
  kind: FederatedTypeConfig
  metadata: {name: namespaces, namespace: kube-federation-system, finalizers: [core.kubefed.io/federated-type-config]}
  spec: {federatedType: {group: types.kubefed.io, kind: FederatedNamespace}, targetType: {kind: Namespace}}
- apiVersion: types.kubefed.io/v1beta1
  kind: FederatedNamespace
  metadata: {name: catalog, namespace: catalog, finalizers: [kubefed.io/sync-controller]}
  spec: {placement: {clusters: [{name: host}, {name: test}]}}
- {apiVersion: cluster.kubesphere.io/v1alpha1, kind: Cluster, metadata: {name: host}}
- {apiVersion: cluster.kubesphere.io/v1alpha1, kind: Cluster, metadata: {name: test}}
"""
WORKSPACE = """
- apiVersion: tenant.kubesphere.io/v1alpha1
  kind: Workspace
  metadata: {name: ws1, labels: {kubefed.io/managed: "true"}, finalizers: [finalizers.tenant.kubesphere.io]}
"""
FEDERATED = """
- apiVersion: types.kubefed.io/v1beta1
  kind: FederatedWorkspace
  metadata: {name: ws1, finalizers: [kubefed.io/sync-controller]}
  spec: {placement: {clusters: [{name: host}]}}
"""
MEMBER = """
- kind: Namespace
  metadata: {name: catalog, labels: {kubefed.io/managed: "true"}, finalizers: [finalizers.kubesphere.io/namespaces]}
"""
TIE = {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "name": "ws1"}


class Small(Struct, frozen=True):
    """`kubefed`, `manager`: whether they run. `stale`: whether the stale record is there. `member`: if it is reached.

    `filled`: whether a namespace is in the Workspace. `everywhere`: whether the federated namespace is placed on every
    record. `workspace`: there, dying, or gone with its type.
    """

    kubefed: bool = False
    manager: bool = True
    stale: bool = True
    member: bool = True
    filled: bool = True
    everywhere: bool = False
    workspace: str = "there"

    def facts(self) -> FleetFacts:
        host, member = self.rows()
        return facts(host, {"test": member} if self.member else {}, self.dials())

    def dials(self) -> Rows:
        dials: Rows = [{"record": "host", "identity": "host"}]
        dials.append({"record": "test", **({"identity": "test"} if self.member else {"reach": "unreachable"})})
        return [*dials, *([{"record": "produce-trt", "identity": "host"}] if self.stale else [])]

    def rows(self) -> tuple[Rows, Rows]:
        """The objects of the host and of the member."""
        manager = _deployment(KS, "ks-controller-manager", self.manager)
        records = [record_row(dial["record"]) for dial in self.dials()]
        host = [*_rows(COMMON), *self._workspace(), *self._host(), manager, *records]
        host.append(_deployment(FED, "kubefed-controller-manager", self.kubefed))
        return host, [*_rows(COMMON, TYPE, MEMBER), manager]

    def _host(self) -> Rows:
        shop, catalog, *rest = _rows(HOST)
        if self.filled:
            tie = TIE | {"uid": "uid-of-Workspace--ws1"}
            shop["metadata"] |= {"labels": {"kubesphere.io/workspace": "ws1"}, "ownerReferences": [tie]}
        if self.everywhere:
            rest[2]["spec"] = {"placement": {"clusterSelector": {}}}
        return [shop, catalog, *rest]

    def _workspace(self) -> Rows:
        if self.workspace == "gone":
            return []
        if self.workspace == "there":
            return _rows(TYPE, WORKSPACE, FEDERATED)
        dying = _rows(TYPE, WORKSPACE)
        dying[-1]["metadata"]["deletionTimestamp"] = WHEN
        return dying


def _rows(*texts: str) -> Rows:
    return [row for text in texts for row in yaml.safe_load(text)]


def record_row(name: str) -> dict[str, Any]:
    """A KubeFedCluster of this name, without access data."""
    return {
        "apiVersion": "core.kubefed.io/v1beta1",
        "kind": "KubeFedCluster",
        "metadata": {"name": name, "namespace": FED},
    }


def _deployment(namespace: str, name: str, runs: bool) -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"replicas": int(runs)}}
