"""API discovery, read now: every listable type of a cluster, and the groups without an answer.

An aggregated API without a backend makes its whole group unreadable. Such a group is unknown, not absent: to leave
it out of a list would call a dirty cluster clean.
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
"""Seconds for a group to leave the list after its last type was deleted."""


class Discovery(Struct, frozen=True):
    """The types by `Kind.key`, each in its group's preferred version, and the groups without an answer."""

    kinds: dict[str, Kind]
    gaps: tuple[Gap, ...]


def discover_types(transport: Transport) -> Discovery:
    """Read /api, /apis and every group version. Raises Unknown if the server itself does not answer."""
    try:
        core = transport.request("GET", "/api").get("versions") or []
        versions = [("", v) for v in core] + _listed_versions(transport)
    except NotFound as error:
        raise Unknown(f"What answers at {transport.server} is not an API server: {error}") from error
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(lambda gv: _listable_kinds(transport, *gv), versions))
    kinds: dict[str, Kind] = {}
    for listed, _ in answers:
        for kind in listed:
            kinds.setdefault(kind.key, kind)
    gaps = tuple(gap for _, gap in answers if gap)
    return Discovery(kinds, gaps)


def _listed_versions(transport: Transport) -> list[tuple[str, str]]:
    """Every listed group and version, a group's preferred version first."""
    groups = transport.request("GET", "/apis").get("groups") or []
    return [(g["name"], v["version"]) for g in groups for v in _preferred_first(g)]


def is_unserved(transport: Transport, kind: Kind) -> bool:
    """Whether the API server no longer lists a type; waits up to GOING seconds, since a deleted type goes late.

    Raises Unknown if the API server does not answer.
    """
    return kind.group != "" and until(lambda: not _is_listed(transport, kind), GOING)


def _is_listed(transport: Transport, kind: Kind) -> bool:
    try:
        if (kind.group, kind.version) not in _listed_versions(transport):
            return False
        listing = transport.request("GET", f"/apis/{kind.group}/{kind.version}")
    except NotFound:
        return True  # listed and not found: it is being added or removed
    return any(r["name"] == kind.plural for r in listing.get("resources") or [])


def _preferred_first(group: Body) -> list[dict[str, Any]]:
    preferred = group["preferredVersion"]["version"]
    return sorted(group["versions"], key=lambda v: v["version"] != preferred)


def _listable_kinds(transport: Transport, group: str, version: str) -> tuple[list[Kind], Gap | None]:
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        listed = transport.request("GET", path).get("resources") or []
    except NotFound as error:  # removed between the two requests, unless it is still listed
        gone = until(lambda: (group, version) not in _listed_versions(transport), GOING)
        return [], None if gone else Gap(f"API group {group}/{version}", str(error))
    except ResetError as error:
        return [], Gap(f"API group {group}/{version}", str(error))
    wanted = (r for r in listed if "/" not in r["name"] and {"get", "list"} <= set(r.get("verbs") or ()))
    return [Kind(group, version, r["kind"], r["name"], r["namespaced"]) for r in wanted], None
