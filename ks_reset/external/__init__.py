"""Requests beyond the clusters: the chart or manifest at its source, images in their registries; and helm.

Nothing here asks a Kubernetes API server, except helm.
"""

from collections.abc import Callable, Iterable

from ks_reset.external.registry import Registries
from ks_reset.external.source import fetch_source
from ks_reset.model import ExternalAnswers, Source, SourceContent


def ask_externals(
    source: Source, images: Callable[[SourceContent], Iterable[str]], plain: Iterable[str], say: Callable[[str], None]
) -> ExternalAnswers:
    """The content of a source, and for each of its images, listed by `images`, why it cannot be pulled, "" if it can.

    `plain` are registries served over HTTP without TLS. `say` gets a line per request.
    """
    say(f"reading {source.path}")
    content = fetch_source(source.path)
    registries = Registries(frozenset(plain))
    reasons = {}
    for image in images(content):
        say(f"asking for {image}")
        reasons[image] = registries.reason_missing(image)
    return ExternalAnswers(content, reasons)
