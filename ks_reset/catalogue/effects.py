"""What KubeSphere's marks do, by their keys."""

from fnmatch import fnmatchcase
from functools import cache

from ks_reset.catalogue.entries import EffectEntry
from ks_reset.catalogue.loader import load_catalogue


@cache
def mark_effect(key: str) -> EffectEntry | None:
    """The entry for a label, annotation or finalizer; None for a key that nobody knows."""
    entries = load_catalogue().effects
    return next((entry for entry in entries if any(fnmatchcase(key, pattern) for pattern in entry.keys)), None)
