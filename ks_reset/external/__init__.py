"""What the outside world answers: where a chart or manifest lies, and whether registries have images; and helm.

Nothing here is asked of a Kubernetes API server, but by helm.
"""

from collections.abc import Callable, Iterable

from ks_reset.external.registry import Registries
from ks_reset.external.source import fetch
from ks_reset.model import ExternalAnswers, Source, SourceContent


def ask(
    source: Source, images: Callable[[SourceContent], Iterable[str]], plain: Iterable[str], say: Callable[[str], None]
) -> ExternalAnswers:
    """Read the source and ask for every image that `images` names of it.

    `plain` are registries that speak HTTP without TLS.
    """
    say(f"reading {source.path}")
    fetched = fetch(source.path)
    registries = Registries(frozenset(plain))
    found = {}
    for image in images(fetched):
        say(f"asking for {image}")
        found[image] = registries.lacks(image)
    return ExternalAnswers(fetched, found)
