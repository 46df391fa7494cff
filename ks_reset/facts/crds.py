"""KubeSphere's and kubefed's custom resource types, and their objects."""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import CRD_KEY
from ks_reset.model import ClusterFacts, Obj

PATCH_TO_STOP_CONVERSION = '{"spec":{"conversion":{"strategy":"None","webhook":null}}}'
"""A merge patch of a CRD: its objects are served as they are stored."""


def own_types(cluster: ClusterFacts) -> list[Obj]:
    """The CRDs in KubeSphere's or kubefed's API groups."""
    return [crd for crd in cluster.of(CRD_KEY) if catalogue.is_own_group(str(crd.spec.get("group", "")))]


def key_of_type(crd: Obj) -> str:
    """`Kind.group` of the type a CRD defines, as in ClusterFacts.objects."""
    return f"{crd.spec['names']['kind']}.{crd.spec['group']}"


def own_objects(cluster: ClusterFacts) -> Iterable[Obj]:
    """Every object of a type in these groups."""
    return cluster.of_groups(catalogue.is_own_group)


def is_federated(obj: Obj) -> bool:
    """Whether an object is a Federated* object or kubefed's record of a propagation; others of kubefed's are not."""
    kind = obj.kind.kind
    return kind.startswith("Federated") or kind in (
        "PropagatedVersion",
        "ClusterPropagatedVersion",
        "ReplicaSchedulingPreference",
    )
