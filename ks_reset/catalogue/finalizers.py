"""Which program takes a finalizer off an object: data/finalizers.yaml, for doctor, the steps and the simulation."""

from fnmatch import fnmatchcase
from functools import cache

from ks_reset.catalogue.loader import load_catalogue


@cache
def finalizer_programs(key: str, finalizer: str) -> tuple[str, ...]:
    """The Deployments that take a finalizer of KubeSphere's off objects of this `Kind.key`; () for none known.

    Any one of them does it. Of another program's finalizer the answer says nothing: ask `is_own_finalizer` before.
    """
    entries = load_catalogue().finalizers
    return next((e.programs for e in entries if fnmatchcase(finalizer, e.finalizer) and _is_of(key, e.keys)), ())


def _is_of(key: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)
