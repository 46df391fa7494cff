"""Findings: what is wrong, the evidence, and what to do."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """The severity of a finding: CRITICAL loses data if nothing is done; UNKNOWN could not be decided."""

    UNKNOWN = "unknown"
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Evidence(Struct, frozen=True):
    """An object, one of its fields, and the value."""

    cluster: str
    object: str
    field: str
    value: str


class Finding(Struct, frozen=True):
    """A problem, its evidence, its consequence, and the cure.

    `certainty` is the basis of the evidence; `blocks` names the playbooks refused because of it, "*" for all.
    """

    id: str
    severity: Severity
    title: str
    evidence: tuple[Evidence, ...]
    next: str
    cure: str
    certainty: str = "observed"
    blocks: tuple[str, ...] = ()
