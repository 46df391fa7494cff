"""The run lock of a cluster: a Lease in kube-system. It keeps two machines from working on the cluster at once.

A run takes its own lock again at once. The lock of another run counts as abandoned once its Lease was not renewed for
longer than its duration, measured with our own clock: time stamps of other machines are not compared (client-go v0.24,
tools/leaderelection).
"""

import shlex
import time
from datetime import UTC, datetime

from msgspec import Struct

from ks_reset.catalogue.names import KUBE_SYSTEM_NAMESPACE, LEASE_KIND
from ks_reset.cluster import Client, until
from ks_reset.cluster.transport import NotFound
from ks_reset.errors import Conflict, Refused
from ks_reset.limits import LEASE_SECONDS
from ks_reset.model import Body

NAME = "ks-reset"
SECONDS = 30
RENEW = 10.0


class RunLock:
    """Held from `take_lock` to `release_lock`; `keep_lock` renews it when due."""

    def __init__(self, cluster: Client, holder: str) -> None:
        self._cluster, self.holder = cluster, holder
        self._renewed = 0.0

    def take_lock(self) -> None:
        """Take the lock. Raises Refused if another holder renews it."""
        lease = self._read_lease()
        if lease and _holder_of(lease) != self.holder:
            lease = self._wait_until_stale(lease)
        if lease:
            self._replace_lease(lease)
        else:
            self._create_lease()

    def keep_lock(self) -> str:
        """The holder, as read now; the lock is renewed if due and ours."""
        lease = self._read_lease()
        holder = _holder_of(lease) if lease else ""
        if lease and holder == self.holder and time.monotonic() - self._renewed > RENEW:
            self._replace_lease(lease)
        return holder

    def release_lock(self) -> None:
        """Delete the Lease if it is ours."""
        lease = self._read_lease()
        if lease and _holder_of(lease) == self.holder:
            self._cluster.delete(LEASE_KIND, NAME, KUBE_SYSTEM_NAMESPACE, str(lease["metadata"].get("uid") or ""))

    def _wait_until_stale(self, lease: Body) -> Body | None:
        """Watch the Lease for its duration: as last read, None if deleted. Raises Refused if it was renewed."""
        version, seconds = _version_of(lease), _duration_of(lease)
        now: Body | None = lease
        if seconds > LEASE_SECONDS:
            raise Refused(
                f"{_holder_of(lease) or 'Somebody'} holds the lock of {self._cluster.context} (Lease "
                f"{KUBE_SYSTEM_NAMESPACE}/{NAME}) for {seconds} s, and ks-reset waits for {LEASE_SECONDS} s at most. "
                "Nothing was sent. If no run of ks-reset is going on: kubectl --context "
                f"{shlex.quote(self._cluster.context)} -n {KUBE_SYSTEM_NAMESPACE} delete lease {NAME}, then the same "
                "command again."
            )

        def changed() -> bool:
            nonlocal now
            now = self._read_lease()
            return now is None or _version_of(now) != version

        if until(changed, seconds + 1) and now:
            raise Refused(
                f"{_holder_of(lease)} works on {self._cluster.context} now and renews its lock "
                f"(Lease {KUBE_SYSTEM_NAMESPACE}/{NAME}). Nothing was sent. Let that run end, then run the "
                "same command again."
            )
        return now

    def _read_lease(self) -> Body | None:
        return self._cluster.get(LEASE_KIND, NAME, KUBE_SYSTEM_NAMESPACE)

    def _create_lease(self) -> None:
        meta = {"name": NAME, "namespace": KUBE_SYSTEM_NAMESPACE}
        try:
            self._cluster.create(LEASE_KIND, {"metadata": meta, "spec": self._lease_spec()})
        except Conflict as error:
            if not self._is_ours():
                raise Refused(
                    f"Another ks-reset took the lock of {self._cluster.context} just now. Nothing was sent. Let that "
                    "run end, then run the same command again."
                ) from error
        self._renewed = time.monotonic()

    def _replace_lease(self, lease: Body) -> None:
        """Replace with PUT: a change in between is a conflict."""
        try:
            path = LEASE_KIND.path(KUBE_SYSTEM_NAMESPACE, NAME)
            self._cluster.request("PUT", path, {**lease, "spec": self._lease_spec()})
        except (Conflict, NotFound) as error:
            if not self._is_ours():
                raise Refused(
                    f"The lock of {self._cluster.context} was taken by another ks-reset just now. Let that run end, "
                    "then run the same command again."
                ) from error
        self._renewed = time.monotonic()

    def _is_ours(self) -> bool:
        """Whether we hold it despite a conflict: a request given up after a timeout may still have arrived."""
        lease = self._read_lease()
        return bool(lease) and _holder_of(lease or {}) == self.holder

    def _lease_spec(self) -> Body:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {"holderIdentity": self.holder, "leaseDurationSeconds": SECONDS, "renewTime": now}


class LeaseState(Struct, frozen=True):
    """The Lease as read: its holder, when it was renewed (RFC 3339), and its duration in seconds."""

    holder: str
    renewed: str
    seconds: int


def read_lease(cluster: Client) -> LeaseState | None:
    """Who holds the run lock of a cluster; None for nobody. Raises as `Client.get`."""
    lease = cluster.get(LEASE_KIND, NAME, KUBE_SYSTEM_NAMESPACE)
    if not lease:
        return None
    return LeaseState(_holder_of(lease), str(_spec_of(lease).get("renewTime") or ""), _duration_of(lease))


def _holder_of(lease: Body) -> str:
    return str(_spec_of(lease).get("holderIdentity") or "")


def _duration_of(lease: Body) -> int:
    """The seconds of the lease, SECONDS if it names none."""
    seconds = _spec_of(lease).get("leaseDurationSeconds")
    return seconds if isinstance(seconds, int) and seconds > 0 else SECONDS


def _version_of(lease: Body) -> str:
    return str(lease["metadata"].get("resourceVersion") or "")


def _spec_of(lease: Body) -> Body:
    spec = lease.get("spec")
    return spec if isinstance(spec, dict) else {}
