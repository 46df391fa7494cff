"""A controller's leader-election lock, watched by our own clock."""

import time
from contextlib import suppress

from ks_reset import catalogue
from ks_reset.catalogue.names import LEADER_ANNOTATION, POD_KIND
from ks_reset.cluster import Client
from ks_reset.errors import Refused
from ks_reset.limits import LEASE_SECONDS, decode_json
from ks_reset.model import Body, WaitQuiet, WatchWorkspaces


class LeaderLock:
    """The pods and the lock of one controller as last read, and the time since the last renewal.

    Time stamps inside the lock come from clocks of other machines and are not compared.
    """

    def __init__(self, cluster: Client, action: WaitQuiet | WatchWorkspaces) -> None:
        self._cluster, self._action = cluster, action
        self._entry = catalogue.leader_election_of(action.runs)
        self.version, self._since = "", time.monotonic()
        self._lease = action.seconds
        self.proven: str | None = None
        self.renewals = -1
        self.seen = "not yet looked at"

    def is_quiet(self) -> bool:
        """Whether there are no pods, and no lock or one not renewed for longer than its lease. Asks the API server.

        A lock still in its `proven` version was not renewed since that proof.
        """
        pods = self._count_pods()
        self.read_lock()
        still = time.monotonic() - self._since
        self.seen = f"{pods} pod(s), lock not renewed for {still:.0f} s of {self._lease} s"
        return not pods and (self.version in ("", self.proven) or still > self._lease)

    def read_lock(self) -> None:
        """Read the lock, and count a renewal if it changed."""
        version = self._read_versions()
        if version != self.version:
            self.version, self._since = version, time.monotonic()
            self.renewals += 1

    def _count_pods(self) -> int:
        deployment = self._cluster.get(self._action.kind, self._action.name, self._action.namespace)
        if not deployment:
            return 0
        labels: Body = ((deployment.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
        selector = ",".join(f"{k}={v}" for k, v in labels.items())
        return len(self._cluster.list(POD_KIND, self._action.namespace, selector, metadata_only=True))

    def _read_versions(self) -> str:
        """The resourceVersions of the lock's objects (some controllers renew two); "" if there is no lock."""
        if self._entry is None:
            return ""
        locks = [self._cluster.get(kind, self._entry.name, self._action.namespace) for kind in self._entry.kinds]
        self._lease = max([self._action.seconds, *(_lease_seconds(body) + 1 for body in locks if body)])
        return " ".join(str(body["metadata"].get("resourceVersion")) for body in locks if body)


def _lease_seconds(lock: Body) -> int:
    """The lease duration in the lock itself: a Lease has it in its spec, any other object in an annotation."""
    fields = lock.get("spec")
    if not isinstance(fields, dict):
        record = (lock["metadata"].get("annotations") or {}).get(LEADER_ANNOTATION)
        with suppress(ValueError):
            fields = decode_json(str(record or "").encode(errors="replace"))
    seconds = fields.get("leaseDurationSeconds") if isinstance(fields, dict) else 0
    if isinstance(seconds, int) and seconds > LEASE_SECONDS:
        title = f"{lock.get('kind', 'lock')} {lock['metadata'].get('namespace', '')}/{lock['metadata'].get('name', '')}"
        raise Refused(
            f"The leader-election lock {title} names a lease of {seconds} s, and ks-reset waits for {LEASE_SECONDS} s "
            "at most, so nobody can tell that its controller is quiet. Correct the lock, or delete it if its "
            "controller is stopped, then run the same command again."
        )
    return seconds if isinstance(seconds, int) else 0
