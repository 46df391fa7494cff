"""The namespaces that KubeSphere makes for itself, by exact name."""

from ks_reset.catalogue.entries import NamespaceEntry
from ks_reset.catalogue.loader import load


def system_namespace(name: str) -> NamespaceEntry | None:
    """The entry of a namespace of KubeSphere's own; None for users', Kubernetes', and those that others make as well.

    `istio-system`, `argocd` and their like are in the catalogue with `remove: never` and the reason, and are None here.
    """
    return next((e for e in load().namespaces if e.name == name and e.remove != "never"), None)
