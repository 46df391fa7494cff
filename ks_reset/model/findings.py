"""What is wrong, how that is known, and what comes next."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How bad a finding is: CRITICAL loses data if nothing is done; UNKNOWN means that nobody can tell."""

    UNKNOWN = "unknown"
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Evidence(Struct, frozen=True):
    """Which object, which field, what it says."""

    cluster: str
    object: str
    field: str
    value: str


class Finding(Struct, frozen=True):
    """Something that is wrong, how it is known, what happens next, and what to do.

    `certainty` says what the evidence rests on; `blocks` names the playbooks that this finding stops, "*" all of them
    (findings/blocking.py decides).
    """

    id: str
    severity: Severity
    title: str
    evidence: tuple[Evidence, ...]
    next: str
    cure: str
    certainty: str = "observed"
    blocks: tuple[str, ...] = ()
