"""The revisions of helm's releases, of ks-core above all: one Secret a revision, with its status as a label.

helm v3.19.5. pkg/storage/driver/secrets.go, newSecretsObject: the labels owner=helm, name, status and version.
pkg/action/upgrade.go, prepareUpgrade, checks only the newest revision: "another operation (install/upgrade/rollback)
is in progress" if it is pending, the status left by a killed helm; "has no deployed releases" if none was ever
deployed and the newest is neither failed nor superseded, as after an interrupted uninstall (uninstalling).

helm accepts a failed revision: the next upgrade continues from it. If the release never worked, the failed revision
must go nevertheless. performUpgrade does not check the ownership of objects in the previous revision's manifest: it
overwrites such an object if the new manifest has it, and deletes it if not (pkg/kube/client.go, update), although a
failed revision may list objects it never created, or objects of another owner. An installation checks each object
(pkg/action/install.go, existingResourceConflict), adopts the objects of an earlier try, and alone applies crds/.
"""

from collections.abc import Collection, Iterable
from itertools import takewhile
from operator import itemgetter

from msgspec import Struct

from ks_reset.catalogue.names import KS_CORE_RELEASE, KUBESPHERE_NAMESPACE
from ks_reset.model import Obj

DEPLOYED = "deployed"
WORKED = (DEPLOYED, "superseded", "uninstalled")
PENDING = ("pending-install", "pending-upgrade", "pending-rollback")
UNINSTALLING = "uninstalling"
FAILED = "failed"


class StuckRelease(Struct, frozen=True):
    """A release that helm left in the middle of its work: its newest revision, and the last that worked, or ""."""

    namespace: str
    name: str
    newest: Obj
    status: str
    worked: str


def stuck_releases(secrets: Iterable[Obj], namespaces: Collection[str]) -> list[StuckRelease]:
    """The releases in these namespaces whose newest revision is pending, uninstalling, or failed without one before."""
    found = []
    for (namespace, name), (*earlier, newest) in sorted(releases_of(secrets).items(), key=itemgetter(0)):
        status = revision_status(newest)
        worked = [str(_revision_number(s)) for s in earlier if revision_status(s) in WORKED[:2]]
        stuck = status in (*PENDING, UNINSTALLING) or (status == FAILED and not worked)
        if namespace in namespaces and stuck:
            found.append(StuckRelease(namespace, name, newest, status, (worked or [""])[-1]))
    return found


def releases_of(secrets: Iterable[Obj]) -> dict[tuple[str, str], list[Obj]]:
    """By namespace and name of each release: the Secrets of its revisions, the oldest first."""
    releases: dict[tuple[str, str], list[Obj]] = {}
    for secret in secrets:
        if secret.labels.get("owner") == "helm" and _revision_number(secret):
            releases.setdefault((secret.namespace, secret.labels.get("name", "")), []).append(secret)
    return {release: sorted(revisions, key=_revision_number) for release, revisions in releases.items()}


def release_revisions(secrets: Iterable[Obj]) -> list[Obj]:
    """The Secrets of the revisions of ks-core, the oldest first."""
    return releases_of(secrets).get((KUBESPHERE_NAMESPACE, KS_CORE_RELEASE), [])


def release_status(secrets: Iterable[Obj]) -> str:
    """The status of the newest revision; "" without a release."""
    oldest_first = release_revisions(secrets)
    return revision_status(oldest_first[-1]) if oldest_first else ""


def revisions_to_remove(secrets: Iterable[Obj]) -> list[Obj]:
    """The revisions of ks-core to delete before helm can start again, the newest first."""
    return interrupted_revisions(release_revisions(secrets))


def interrupted_revisions(oldest_first: list[Obj]) -> list[Obj]:
    """Likewise for any release, by its revisions.

    Of a release that worked before: the interrupted revisions at its end. All revisions of a release that never worked,
    or whose uninstall was interrupted: the uninstall would have deleted them (pkg/action/uninstall.go, purgeReleases).
    """
    newest_first = oldest_first[::-1]
    statuses = [revision_status(secret) for secret in newest_first]
    if UNINSTALLING in statuses[:1] or not any(status in WORKED for status in statuses):
        return newest_first
    return list(takewhile(lambda secret: revision_status(secret) in PENDING, newest_first))


def revision_status(secret: Obj) -> str:
    """The status of a revision, such as deployed or pending-install."""
    return secret.labels.get("status", "")


def _revision_number(secret: Obj) -> int:
    version = secret.labels.get("version", "")
    return int(version) if version.isdecimal() else 0
