"""Which program takes a finalizer off an object: data/finalizers.yaml, for doctor, the steps and the simulation."""

from fnmatch import fnmatchcase
from functools import cache

from ks_reset.catalogue.loader import load_catalogue

DOMAIN = ".kubesphere.io"


@cache
def finalizer_programs(key: str, finalizer: str) -> tuple[str, ...]:
    """The Deployments that take a finalizer of KubeSphere's off objects of this `Kind.key`; () for none known.

    Any one of them does it. Of another program's finalizer the answer says nothing: ask `is_own_finalizer` before.
    """
    entries = load_catalogue().finalizers
    return next((e.programs for e in entries if fnmatchcase(finalizer, e.finalizer) and _is_of(key, e.keys)), ())


def known_programs(key: str, finalizer: str) -> tuple[str, ...]:
    """As `finalizer_programs`, but () for a type in KubeSphere's domain that the catalogue does not list.

    Its operator may be one of another project, such as KubeKey's of infrastructure.kubekey.kubesphere.io.
    """
    return () if key.endswith(DOMAIN) and key not in _listed_keys() else finalizer_programs(key, finalizer)


@cache
def _listed_keys() -> frozenset[str]:
    return frozenset(crd.key for crd in load_catalogue().crds)


def _is_of(key: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)
