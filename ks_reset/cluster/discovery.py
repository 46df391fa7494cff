"""Fresh API discovery: every listable type that a cluster serves, and what did not answer.

An aggregated API whose backend is gone makes its whole group unreadable. That is unknown, not absent: whoever
leaves such a group out of a list calls a dirty cluster clean.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec import Struct

from ks_reset.cluster.transport import NotFound, Transport
from ks_reset.errors import ResetError
from ks_reset.model import Body, Gap, Kind

WORKERS = 8


class Discovery(Struct, frozen=True):
    """The types by `Kind.key`, each in the version its group prefers, and the groups that did not answer."""

    kinds: dict[str, Kind]
    gaps: tuple[Gap, ...]


def discover(transport: Transport) -> Discovery:
    """Ask /api and /apis and every group version. Raises Unknown if the server itself does not answer."""
    core = transport.request("GET", "/api").get("versions", [])
    groups = transport.request("GET", "/apis").get("groups", [])
    versions = [("", v) for v in core] + [(g["name"], v["version"]) for g in groups for v in _preferred_first(g)]
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(lambda gv: _resources(transport, *gv), versions))
    kinds: dict[str, Kind] = {}
    for found, _ in answers:
        for kind in found:
            kinds.setdefault(kind.key, kind)
    return Discovery(kinds, tuple(gap for _, gap in answers if gap))


def _preferred_first(group: Body) -> list[dict[str, Any]]:
    preferred = group["preferredVersion"]["version"]
    return sorted(group["versions"], key=lambda v: v["version"] != preferred)


def _resources(transport: Transport, group: str, version: str) -> tuple[list[Kind], Gap | None]:
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        listed = transport.request("GET", path).get("resources", [])
    except NotFound:
        return [], None  # the group went between the two questions
    except ResetError as error:
        return [], Gap(f"API group {group}/{version}", str(error))
    wanted = (r for r in listed if "/" not in r["name"] and {"get", "list"} <= set(r["verbs"]))
    return [Kind(group, version, r["kind"], r["name"], r["namespaced"]) for r in wanted], None
