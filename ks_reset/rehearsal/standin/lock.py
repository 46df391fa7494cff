"""The leader-election lock of the real ks-controller-manager: a ConfigMap and a Lease of one name.

Name and namespace: kubesphere/kubesphere v3.3.1, cmd/controller-manager/app/server.go; 30 s lease, renewed every
5 s: cmd/controller-manager/app/options/options.go. It sets no resource lock, and controller-runtime v0.9 then takes
`configmapsleases`: sigs.k8s.io/controller-runtime v0.9.7, pkg/leaderelection/leader_election.go. The lock of another
holder is taken over after its lease has expired, so a restart waits for up to 30 s, like the real one.
3.4.1 and 4.1.3 hold the Lease alone (cmd/controller-manager/app/options/options.go; controller-runtime v0.14, v0.19).
"""

import json
import uuid
from datetime import UTC, datetime, timedelta

from ks_reset.cluster import Client
from ks_reset.model import Body, Kind

NAMESPACE, NAME = "kubesphere-system", "ks-controller-manager-leader-election"
LEASE_SECONDS, RETRY_SECONDS = 30, 5.0
ANNOTATION = "control-plane.alpha.kubernetes.io/leader"
LEASE = Kind("coordination.k8s.io", "v1", "Lease", "leases", True)
CONFIG_MAP = Kind("", "v1", "ConfigMap", "configmaps", True)
MICRO = "%Y-%m-%dT%H:%M:%S.%fZ"


class Lock:
    """The lock: at most one stand-in of a cluster holds it."""

    def __init__(self, cluster: Client, *, config_map: bool = True) -> None:
        self._cluster = cluster
        self._config_map = config_map
        self._holder = f"standin_{uuid.uuid4()}"
        self._since = datetime.now(UTC)

    def held(self) -> bool:
        """Take or renew the lock; returns whether we hold it."""
        lease = self._cluster.get(LEASE, NAME, NAMESPACE)
        if lease and not self._may_take(lease["spec"]):
            return False
        now = datetime.now(UTC)
        self._write_object(LEASE, lease is not None, {"spec": self._lease_spec(now)})
        if self._config_map:
            record = json.dumps(self._leader_record(now))
            exists = self._cluster.get(CONFIG_MAP, NAME, NAMESPACE) is not None
            self._write_object(CONFIG_MAP, exists, {"metadata": {"annotations": {ANNOTATION: record}}})
        return True

    def _may_take(self, spec: Body) -> bool:
        renewed = datetime.fromisoformat(spec["renewTime"])
        expired = renewed + timedelta(seconds=spec["leaseDurationSeconds"]) < datetime.now(UTC)
        return expired or spec["holderIdentity"] == self._holder

    def _lease_spec(self, now: datetime) -> Body:
        times = {"acquireTime": self._since.strftime(MICRO), "renewTime": now.strftime(MICRO)}
        return {"holderIdentity": self._holder, "leaseDurationSeconds": LEASE_SECONDS, "leaseTransitions": 0, **times}

    def _leader_record(self, now: datetime) -> Body:
        spec = self._lease_spec(now)
        times = {"acquireTime": f"{self._since:%Y-%m-%dT%H:%M:%SZ}", "renewTime": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
        return {**spec, **times, "leaderTransitions": spec.pop("leaseTransitions")}

    def _write_object(self, kind: Kind, exists: bool, body: Body) -> None:
        if exists:
            self._cluster.merge_patch(kind, NAME, NAMESPACE, body)
            return
        metadata = {**body.get("metadata", {}), "name": NAME, "namespace": NAMESPACE}
        self._cluster.create(kind, {**body, "metadata": metadata})
