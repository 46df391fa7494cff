"""The chart or manifest is absent, or is another file: a web page, other bytes, another version.

The vendor's own charts and images were withdrawn from where they had been in 2025, and a page answers there now; the
digest tells.
"""

from collections.abc import Iterable

from ks_reset.findings.reads import Reads
from ks_reset.model import MANIFEST, Evidence, ExternalAnswers, Finding, FleetFacts, Severity, SourceContent, Values

READS = Reads()


def check(values: Values, facts: FleetFacts, answers: ExternalAnswers) -> Iterable[Finding]:
    content, wanted = answers.source, "chart" if values.release >= (4,) else MANIFEST
    if reason := _reason_unusable(values, content, wanted):
        shown = content.error or f"{content.kind} of version {content.version or 'none'}, SHA-256 {content.sha256}"
        yield Finding(
            id="source",
            severity=Severity.UNKNOWN if content.error else Severity.WARNING,
            title=f"{values.source.path} {reason}",
            evidence=(Evidence(facts.host.name, values.source.path, "content", shown),),
            next="There is nothing to install KubeSphere from.",
            cure="Get the file from a place you trust, and set source.path and source.sha256 in the values file.",
        )


def _reason_unusable(values: Values, content: SourceContent, wanted: str) -> str:
    """Why nothing can be installed from this content; "" if it is the one wanted."""
    source = values.source
    if content.error:
        return f"cannot be read: {content.error}"
    if source.sha256 and content.sha256 != source.sha256.lower().removeprefix("sha256:"):
        return f"has another digest: {content.sha256}, wanted {source.sha256}"
    if content.kind != wanted:
        return f"is {content.kind}, and not the {wanted} of KubeSphere {values.version}"
    if content.version != values.version:
        return f"is of version {content.version or 'none'}, wanted {values.version}"
    return ""
