"""The namespaces that KubeSphere makes for itself, by exact name."""

from ks_reset.catalogue.entries import NamespaceEntry
from ks_reset.catalogue.loader import load


def system_namespace(name: str) -> NamespaceEntry | None:
    """The entry of a namespace of KubeSphere's own; None for users' and for Kubernetes'."""
    return next((e for e in load().namespaces if e.name == name and e.remove != "never"), None)
