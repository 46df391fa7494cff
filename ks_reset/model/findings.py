"""A finding: a problem, its evidence, its consequence and its cure; and the checks that look for them."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How bad a finding is: CRITICAL loses data if nothing is done; UNKNOWN: a fact is missing to tell."""

    UNKNOWN = "unknown"
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Urgency(StrEnum):
    """The order in which findings are acted on, the most urgent first."""

    UNREAD = "not read: what is there cannot be told"
    DATA = "data at risk now"
    STOPS = "stops KubeSphere or deletions"
    REINSTALL = "stops a reinstall"
    KNOW = "to know"


class Evidence(Struct, frozen=True):
    """An object, a field of it, and the value there."""

    cluster: str
    object: str
    field: str
    value: str


class Finding(Struct, frozen=True):
    """A problem: `title` names it, `evidence` proves it, `next` is its consequence, `cure` the command to type.

    `certainty` names the basis of the evidence; `blocks` the playbooks this finding stops, "*" all of them
    (findings/blocking.py decides). `urgency` is that of its rule; a critical finding is always about data.
    """

    id: str
    severity: Severity
    title: str
    evidence: tuple[Evidence, ...]
    next: str
    cure: str
    certainty: str = "observed"
    blocks: tuple[str, ...] = ()
    urgency: Urgency = Urgency.KNOW


class Result(StrEnum):
    """The result of a check."""

    PASSED = "passed"
    FOUND = "found"
    UNTOLD = "cannot be told"


class Check(Struct, frozen=True):
    """A rule that was asked: `title` is the state in which it passes, `findings` the ids of its findings."""

    name: str
    group: str
    title: str
    result: Result
    findings: tuple[str, ...] = ()


class CheckUp(Struct, frozen=True):
    """Every check of a fleet by group, and the findings, the most urgent first."""

    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]
