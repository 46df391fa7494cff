"""The lock of a cluster: a Lease in kube-system, so that two machines cannot work on it at once.

The same run takes its lock again at once; somebody else's has to stand still for longer than it says, watched by our
own clock, since time stamps of other machines are not compared (client-go v0.24, tools/leaderelection).
"""

import time
from datetime import UTC, datetime

from ks_reset.cluster import Client, until
from ks_reset.cluster.transport import NotFound
from ks_reset.errors import Conflict, Refused
from ks_reset.model import Body, Kind

LEASE = Kind("coordination.k8s.io", "v1", "Lease", "leases", True)
NAME, HOME = "ks-reset", "kube-system"
SECONDS = 30
RENEW = 10.0


class RunLock:
    """Held from `take` to `release`; `keep` renews it when it is due."""

    def __init__(self, cluster: Client, holder: str) -> None:
        self._cluster, self.holder = cluster, holder
        self._renewed = 0.0

    def take_lock(self) -> None:
        """Raises Refused if another holder renews it."""
        lease = self._read_lease()
        if lease and _holder_of(lease) != self.holder:
            lease = self._wait_until_stale(lease)
        if lease:
            self._replace_lease(lease)
        else:
            self._create_lease()

    def keep_lock(self) -> str:
        """Who holds it, asked for now; renewed if that is due and it is ours."""
        lease = self._read_lease()
        holder = _holder_of(lease) if lease else ""
        if lease and holder == self.holder and time.monotonic() - self._renewed > RENEW:
            self._replace_lease(lease)
        return holder

    def release_lock(self) -> None:
        """Delete it, if it is ours."""
        lease = self._read_lease()
        if lease and _holder_of(lease) == self.holder:
            self._cluster.delete(LEASE, NAME, HOME, lease["metadata"]["uid"])

    def _wait_until_stale(self, lease: Body) -> Body | None:
        """See it stand still for longer than it says: what was watched, to be replaced by version; None if gone."""
        version, seconds = lease["metadata"]["resourceVersion"], lease["spec"].get("leaseDurationSeconds")
        now: Body | None = lease

        def changed() -> bool:
            nonlocal now
            now = self._read_lease()
            return now is None or now["metadata"]["resourceVersion"] != version

        if until(changed, int(seconds or SECONDS) + 1) and now:
            raise Refused(
                f"{_holder_of(lease)} works on {self._cluster.context} now and renews its lock (Lease {HOME}/{NAME}). "
                "Nothing was sent. Let that run end first."
            )
        return now

    def _read_lease(self) -> Body | None:
        return self._cluster.get(LEASE, NAME, HOME)

    def _create_lease(self) -> None:
        meta = {"name": NAME, "namespace": HOME}
        try:
            self._cluster.create(LEASE, {"metadata": meta, "spec": self._lease_spec()})
        except Conflict as error:
            if not self._is_ours():
                raise Refused(
                    f"Another ks-reset took the lock of {self._cluster.context} just now. Nothing was sent."
                ) from error
        self._renewed = time.monotonic()

    def _replace_lease(self, lease: Body) -> None:
        """By PUT, so that a change by somebody else in between is a conflict."""
        try:
            self._cluster.request("PUT", LEASE.path(HOME, NAME), {**lease, "spec": self._lease_spec()})
        except (Conflict, NotFound) as error:
            if not self._is_ours():
                raise Refused(f"The lock of {self._cluster.context} was taken by another ks-reset just now.") from error
        self._renewed = time.monotonic()

    def _is_ours(self) -> bool:
        """Whether it is ours all the same: a request that we gave up on can arrive when the network is back."""
        lease = self._read_lease()
        return bool(lease) and _holder_of(lease or {}) == self.holder

    def _lease_spec(self) -> Body:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {"holderIdentity": self.holder, "leaseDurationSeconds": SECONDS, "renewTime": now}


def _holder_of(lease: Body) -> str:
    return str((lease.get("spec") or {}).get("holderIdentity") or "")
