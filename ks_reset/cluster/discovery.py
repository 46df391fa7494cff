"""API discovery, read now: every listable type of a cluster, and the groups without an answer.

An aggregated API without a backend makes its whole group unreadable. Such a group is unknown, not absent: to leave
it out of a list would call a dirty cluster clean.
"""

from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from ks_reset.cluster import answers
from ks_reset.cluster.retry import until
from ks_reset.cluster.transport import NotFound, Transport
from ks_reset.errors import ResetError, Unknown
from ks_reset.model import GROUP_GAP, Body, Gap, Kind

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
        core = answers.core_versions(f"GET {transport.server}/api", transport.request("GET", "/api"))
        versions = [("", v) for v in core] + _listed_versions(transport)
    except NotFound as error:
        raise Unknown(f"What answers at {transport.server} is not an API server: {error}") from error
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda gv: _listable_kinds(transport, *gv), versions))
    kinds: dict[str, Kind] = {}
    for listed, _ in found:
        for kind in listed:
            kinds.setdefault(kind.key, kind)
    gaps = tuple(gap for _, gap in found if gap)
    return Discovery(kinds, gaps)


def _listed_versions(transport: Transport) -> list[tuple[str, str]]:
    """Every listed group and version, a group's preferred version first."""
    return answers.group_versions(f"GET {transport.server}/apis", transport.request("GET", "/apis"))


def _listed_resources(transport: Transport, group: str, version: str) -> list[Body]:
    """Every resource of a group and version, and their subresources. Raises NotFound, or Unknown for another answer."""
    group_version = f"{group}/{version}" if group else version
    path = f"/apis/{group_version}" if group else f"/api/{version}"
    return answers.group_resources(f"GET {transport.server}{path}", transport.request("GET", path), group_version)


def is_unserved(transport: Transport, kind: Kind) -> bool:
    """Whether the API server no longer lists a type; waits up to GOING seconds, since a deleted type goes late.

    Raises Unknown if the API server does not answer.
    """
    return kind.group != "" and until(lambda: not _is_listed(transport, kind), GOING)


def _is_listed(transport: Transport, kind: Kind) -> bool:
    try:
        if (kind.group, kind.version) not in _listed_versions(transport):
            return False
        listed = _listed_resources(transport, kind.group, kind.version)
    except NotFound:
        return True  # listed and not found: it is being added or removed
    return any(r["name"] == kind.plural for r in listed)


def _listable_kinds(transport: Transport, group: str, version: str) -> tuple[list[Kind], Gap | None]:
    try:
        listed = _listed_resources(transport, group, version)
    except NotFound as error:  # removed between the two requests, unless it is still listed
        gone = until(lambda: (group, version) not in _listed_versions(transport), GOING)
        return [], None if gone else Gap(f"{GROUP_GAP}{group}/{version}", str(error))
    except ResetError as error:
        return [], Gap(f"{GROUP_GAP}{group}/{version}", str(error))
    wanted = (r for r in listed if "/" not in r["name"] and {"get", "list"} <= set(r.get("verbs") or ()))
    return [Kind(group, version, r["kind"], r["name"], r["namespaced"]) for r in wanted], None
