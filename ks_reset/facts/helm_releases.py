"""What helm remembers of the release ks-core: one Secret a revision, whose labels say how far it came.

helm v3.19.5. pkg/storage/driver/secrets.go, newSecretsObject: the labels owner=helm, name, status and version.
pkg/action/upgrade.go, prepareUpgrade: only the newest revision is asked. "another operation (install/upgrade/rollback)
is in progress" if it is pending, since a helm that was killed wrote no more; "has no deployed releases" if none was
ever deployed and it is neither failed nor superseded, as after an uninstall that was cut off (uninstalling).

A revision that failed may stay as far as helm goes: the next upgrade takes over from it. If the release never worked,
it must not. performUpgrade asks of no object in the manifest of the revision before whether helm owns it: such an
object is overwritten if the new manifest has it too, and deleted if it has not (pkg/kube/client.go, update), though a
failed revision may name what it never made, or what somebody else was quicker to make. An installation asks of each
(pkg/action/install.go, existingResourceConflict), adopts what an earlier try made, and alone brings the types in crds/.
"""

from collections.abc import Iterable
from itertools import takewhile

from ks_reset.catalogue.names import KS_CORE_RELEASE, KUBESPHERE_NAMESPACE
from ks_reset.model import Obj

DEPLOYED = "deployed"
WORKED = (DEPLOYED, "superseded", "uninstalled")
PENDING = ("pending-install", "pending-upgrade", "pending-rollback")
UNINSTALLING = "uninstalling"


def revisions(secrets: Iterable[Obj]) -> list[Obj]:
    """The Secrets of the release, the oldest revision first."""
    mine = (s for s in secrets if s.namespace == KUBESPHERE_NAMESPACE and s.labels.get("owner") == "helm")
    return sorted(
        (s for s in mine if s.labels.get("name") == KS_CORE_RELEASE and _revision_number(s)), key=_revision_number
    )


def state(secrets: Iterable[Obj]) -> str:
    """The status of the newest revision; "" for none."""
    found = revisions(secrets)
    return _revision_status(found[-1]) if found else ""


def pending(secrets: Iterable[Obj]) -> list[Obj]:
    """What has to go before helm begins again, the newest revision first.

    That is what was cut off at the end of a release that worked, and all of one that never did. All goes as well of one
    whose uninstall was cut off: it would have (pkg/action/uninstall.go, purgeReleases).
    """
    newest_first = revisions(secrets)[::-1]
    statuses = [_revision_status(secret) for secret in newest_first]
    if UNINSTALLING in statuses[:1] or not any(status in WORKED for status in statuses):
        return newest_first
    return list(takewhile(lambda secret: _revision_status(secret) in PENDING, newest_first))


def _revision_status(secret: Obj) -> str:
    return secret.labels.get("status", "")


def _revision_number(secret: Obj) -> int:
    version = secret.labels.get("version", "")
    return int(version) if version.isdecimal() else 0
