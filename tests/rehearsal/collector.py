"""What the garbage collector of a plane did: from the plane's audit log and kube-controller-manager's log."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COLLECTOR = "system:serviceaccount:kube-system:generic-garbage-collector"
CHANGE = re.compile(r"syncing garbage collector with updated resources.*added: \[(.*)\], removed: \[(.*)\]")
TYPE = re.compile(r"([^\s,]+), Resource=([^\s\]]+)")
SYNCED = "synced garbage collector"


def audit_events(plane: Path, *parts: str) -> Iterator[dict[str, Any]]:
    """The answered requests in a plane's audit log with each of `parts` in their line."""
    for line in (plane / "audit.log").read_text().splitlines():
        if line.endswith("}") and all(part in line for part in ('"stage":"ResponseComplete"', *parts)):
            yield json.loads(line)


def deletions(plane: Path, resource: str) -> Counter[tuple[str, int]]:
    """How often the garbage collector sent a DELETE for each object of a resource, by name and answer."""
    events = audit_events(plane, '"verb":"delete"', COLLECTOR, f'"resource":"{resource}"')
    return Counter((event["objectRef"]["name"], event["responseStatus"]["code"]) for event in events)


def followed_types(plane: Path) -> set[str]:
    """The types, as `group/version resource`, known to the garbage collector after its last sync.

    It syncs with the API server's discovery every 30 s and logs the difference (kubernetes v1.24.17,
    pkg/controller/garbagecollector/garbagecollector.go, Sync and printDiff; at verbosity 2).
    """
    types: set[str] = set()
    change: re.Match[str] | None = None
    for line in (plane / "kube-controller-manager.log").read_text(errors="replace").splitlines():
        change = CHANGE.search(line) or change
        if change and SYNCED in line:
            added, removed = ({" ".join(pair) for pair in TYPE.findall(part)} for part in change.groups())
            types, change = (types | added) - removed, None
    return types
