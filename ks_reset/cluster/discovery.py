"""Fresh API discovery: every listable type that a cluster serves, and what did not answer.

An aggregated API whose backend is gone makes its whole group unreadable. That is unknown, not absent: whoever
leaves such a group out of a list calls a dirty cluster clean.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec import Struct

from ks_reset.cluster.retry import until
from ks_reset.cluster.transport import NotFound, Transport
from ks_reset.errors import ResetError, Unknown
from ks_reset.model import Body, Gap, Kind

WORKERS = 8
GOING = 5.0
"""Seconds until a group whose last type was deleted is listed no longer."""


class Discovery(Struct, frozen=True):
    """The types by `Kind.key`, each in the version its group prefers, and the groups that did not answer."""

    kinds: dict[str, Kind]
    gaps: tuple[Gap, ...]


def discover(transport: Transport) -> Discovery:
    """Ask /api and /apis and every group version. Raises Unknown if the server itself does not answer."""
    try:
        core = transport.request("GET", "/api").get("versions") or []
        versions = [("", v) for v in core] + _versions(transport)
    except NotFound as error:
        raise Unknown(f"What answers at {transport.server} is not an API server: {error}") from error
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(lambda gv: _resources(transport, *gv), versions))
    kinds: dict[str, Kind] = {}
    for found, _ in answers:
        for kind in found:
            kinds.setdefault(kind.key, kind)
    gaps = tuple(gap for _, gap in answers if gap)
    return Discovery(kinds, gaps)


def _versions(transport: Transport) -> list[tuple[str, str]]:
    """Every group and version that is listed, the preferred one of a group first."""
    groups = transport.request("GET", "/apis").get("groups") or []
    return [(g["name"], v["version"]) for g in groups for v in _preferred_first(g)]


def unserved(transport: Transport, kind: Kind) -> bool:
    """Whether a type is not served any more, by what the API server lists; a type that goes takes a moment.

    Raises Unknown if that does not answer.
    """
    return kind.group != "" and until(lambda: not _listed(transport, kind), GOING)


def _listed(transport: Transport, kind: Kind) -> bool:
    try:
        if (kind.group, kind.version) not in _versions(transport):
            return False
        found = transport.request("GET", f"/apis/{kind.group}/{kind.version}")
    except NotFound:
        return True  # listed and not there: it is coming or going
    return any(r["name"] == kind.plural for r in found.get("resources") or [])


def _preferred_first(group: Body) -> list[dict[str, Any]]:
    preferred = group["preferredVersion"]["version"]
    return sorted(group["versions"], key=lambda v: v["version"] != preferred)


def _resources(transport: Transport, group: str, version: str) -> tuple[list[Kind], Gap | None]:
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        listed = transport.request("GET", path).get("resources") or []
    except NotFound as error:  # it went between the two questions, unless it is listed still
        gone = until(lambda: (group, version) not in _versions(transport), GOING)
        return [], None if gone else Gap(f"API group {group}/{version}", str(error))
    except ResetError as error:
        return [], Gap(f"API group {group}/{version}", str(error))
    wanted = (r for r in listed if "/" not in r["name"] and {"get", "list"} <= set(r.get("verbs") or ()))
    return [Kind(group, version, r["kind"], r["name"], r["namespaced"]) for r in wanted], None
