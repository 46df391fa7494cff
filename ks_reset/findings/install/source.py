"""The chart or manifest is not there, or is not what it should be: a web page, other bytes, another version.

The vendor's own charts and images were withdrawn from where they had been in 2025, and what answers there now is a
page; the digest is what tells.
"""

from collections.abc import Iterable

from ks_reset.model import MANIFEST, ExternalAnswers, FleetFacts, Obstacle, Values


def check(values: Values, facts: FleetFacts, outside: ExternalAnswers) -> Iterable[Obstacle]:
    found, wanted = outside.source, "chart" if values.release >= (4,) else MANIFEST
    if why := _against(values, outside, wanted):
        yield Obstacle(
            "source",
            facts.host.name,
            f"{values.source.path} {why}.",
            "Get the file from where you trust it, and give its path and sha256.",
            unknown=bool(found.error),
        )


def _against(values: Values, outside: ExternalAnswers, wanted: str) -> str:
    found, source = outside.source, values.source
    if found.error:
        return f"cannot be read: {found.error}"
    if source.sha256 and found.sha256 != source.sha256.lower().removeprefix("sha256:"):
        return f"has another digest: {found.sha256}, wanted {source.sha256}"
    if found.kind != wanted:
        return f"is {found.kind}, and not the {wanted} of KubeSphere {values.version}"
    if found.version != values.version:
        return f"is of version {found.version or 'none'}, wanted {values.version}"
    return ""
