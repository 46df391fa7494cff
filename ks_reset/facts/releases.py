"""What helm remembers of the release ks-core: Secrets of its own, whose labels say how far it came."""

from collections.abc import Iterable

from ks_reset.facts.installed import RELEASE, SYSTEM
from ks_reset.model import Obj

DEPLOYED = "deployed"
PENDING = ("pending-install", "failed")


def revisions(secrets: Iterable[Obj]) -> list[Obj]:
    """The Secrets of the release, the oldest revision first."""
    mine = (s for s in secrets if s.namespace == SYSTEM and s.labels.get("owner") == "helm")
    return sorted((s for s in mine if s.labels.get("name") == RELEASE), key=lambda s: int(s.labels.get("version", 0)))


def state(secrets: Iterable[Obj]) -> str:
    """The status of the newest revision; "" for none."""
    found = revisions(secrets)
    return found[-1].labels.get("status", "") if found else ""


def pending(secrets: Iterable[Obj]) -> list[Obj]:
    """The half-written revisions that have to go before helm begins again."""
    return [s for s in revisions(secrets) if s.labels.get("status") in PENDING]
