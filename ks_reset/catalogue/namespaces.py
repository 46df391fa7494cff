"""KubeSphere's own namespaces, by exact name."""

from ks_reset.catalogue.entries import NamespaceEntry
from ks_reset.catalogue.loader import load_catalogue


def system_namespace(name: str) -> NamespaceEntry | None:
    """The entry of one of KubeSphere's own namespaces; None for users', Kubernetes' and shared ones.

    Shared namespaces such as `istio-system` and `argocd` are in the catalogue with `remove: never` and the reason.
    """
    return next((e for e in load_catalogue().namespaces if e.name == name and e.remove != "never"), None)
