"""A finding: a problem, its evidence, its consequence and its cure."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How bad a finding is: CRITICAL loses data if nothing is done; UNKNOWN: a fact is missing to tell."""

    UNKNOWN = "unknown"
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Evidence(Struct, frozen=True):
    """An object, a field of it, and the value there."""

    cluster: str
    object: str
    field: str
    value: str


class Finding(Struct, frozen=True):
    """A problem: `title` names it, `evidence` proves it, `next` is its consequence, `cure` the command to type.

    `certainty` names the basis of the evidence; `blocks` the playbooks this finding stops, "*" all of them
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
