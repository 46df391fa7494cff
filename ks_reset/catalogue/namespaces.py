"""KubeSphere's own namespaces, and those it shares with others, by exact name."""

from functools import cache

from ks_reset.catalogue.entries import NamespaceEntry
from ks_reset.catalogue.loader import load_catalogue


def system_namespace(name: str) -> NamespaceEntry | None:
    """The entry of one of KubeSphere's own namespaces; None for users', Kubernetes' and shared ones."""
    return _own_namespaces().get(name)


def shared_namespace(name: str) -> NamespaceEntry | None:
    """The entry of a namespace such as `istio-system` or `argocd`, which others may use as well; None for any other."""
    return shared_namespaces().get(name)


@cache
def shared_namespaces() -> dict[str, NamespaceEntry]:
    """The entries of the shared namespaces, by name."""
    return {entry.name: entry for entry in load_catalogue().namespaces if entry.remove == "shared"}


@cache
def _own_namespaces() -> dict[str, NamespaceEntry]:
    staying = ("never", "shared")
    return {entry.name: entry for entry in load_catalogue().namespaces if entry.remove not in staying}
