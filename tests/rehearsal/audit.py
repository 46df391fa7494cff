"""What the API servers themselves say ks-reset sent, from their audit logs."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

READS = {"get", "list"}
REVIEW = "selfsubjectaccessreviews"


def requests(folder: Path) -> Iterator[dict[str, Any]]:
    """Every request of ks-reset to any plane below a world's folder."""
    for log in folder.rglob("audit.log"):
        for line in log.read_text().splitlines():
            event = json.loads(line) if line.endswith("}") else {}
            if event.get("userAgent", "").partition("/")[0] == "ks-reset":
                yield event


def verbs(folder: Path) -> Counter[str]:
    """How many requests of each verb; an access review counts as `review`."""
    return Counter(_verb(event) for event in requests(folder))


def writes(folder: Path) -> int:
    """How many requests were neither a read nor an access review."""
    return sum(count for verb, count in verbs(folder).items() if verb not in READS | {"review"})


def own(request: dict[str, Any]) -> bool:
    """Whether it concerns the lock, the seatbelt, a dry run, or the label that exempts a type from the seatbelt."""
    resource, name = request["objectRef"]["resource"], request["objectRef"].get("name")
    label = request["verb"] == "patch" and resource == "customresourcedefinitions"
    return label or resource == "leases" or name == "ks-reset-seatbelt" or "dryRun" in request["requestURI"]


def aside(request: dict[str, Any]) -> bool:
    """Whether it is a read, an access review, or a run's own write beside its plan."""
    return _verb(request) in READS | {"review"} or own(request)


def _verb(event: dict[str, Any]) -> str:
    if (event.get("objectRef") or {}).get("resource") == REVIEW:
        return "review"
    return str(event["verb"])
