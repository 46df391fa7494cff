"""Programs that KubeSphere puts into kube-system and everybody uses: snapshot-controller and metrics-server.

They stay unless a request names them. A program is known by its workload, as delivered but for the image; with it go
the objects of its component with the delivered content, and the account that it runs as. Its types never go.
"""

from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.components import listed_component
from ks_reset.catalogue.entries import SharedProgramEntry
from ks_reset.catalogue.inventory import Agreement, proof_of_inventory
from ks_reset.catalogue.names import (
    CRD_KEY,
    HORIZONTAL_POD_AUTOSCALER_KEY,
    KUBE_SYSTEM_NAMESPACE,
    SERVICE_ACCOUNT_KEY,
    WORKLOAD_KEYS,
)
from ks_reset.model import ClusterFacts, Obj, Request

DELIVERED = (Agreement.SAME, Agreement.IMAGES)


class SharedProgram(Struct, frozen=True):
    """A shared program on a cluster: its workload, its other objects with the proof of each, and who uses it."""

    entry: SharedProgramEntry
    workload: Obj
    parts: tuple[tuple[Obj, str], ...]
    users: tuple[Obj, ...]


class SharedPrograms:
    """The shared programs of one cluster, made once."""

    def __init__(self, cluster: ClusterFacts) -> None:
        self._cluster = cluster
        entries = {entry.name: entry for entry in catalogue.load_catalogue().shared_programs}
        self.present = tuple(
            SharedProgram(entry, workload, tuple(self._parts(entry, workload)), tuple(self._users(entry)))
            for workload in (obj for key in WORKLOAD_KEYS for obj in cluster.of(key))
            if workload.namespace == KUBE_SYSTEM_NAMESPACE and _is_delivered(workload)
            for entry in [entries.get(workload.name)]
            if entry
        )
        cluster.all()

    def goes(self, obj: Obj, request: Request, seen: frozenset[str] = frozenset()) -> bool:
        """Whether an object goes with a program that the request names, itself or with its owner."""
        gone = {o.uid for p in self.named(request) for o in (p.workload, *(part for part, _ in p.parts))}
        if obj.uid in gone or not gone:
            return obj.uid in gone
        owners = [owner for owner in obj.owners if owner.uid not in seen]
        found = [self._cluster.with_uid(owner.uid) for owner in owners]
        return bool(found) and all(owner and self.goes(owner, request, seen | {obj.uid}) for owner in found)

    def named(self, request: Request) -> tuple[SharedProgram, ...]:
        """The programs that a request lets go."""
        return tuple(program for program in self.present if program.entry.name in request.forgone_operators)

    def _parts(self, entry: SharedProgramEntry, workload: Obj) -> Iterable[tuple[Obj, str]]:
        account = ((workload.spec.get("template") or {}).get("spec") or {}).get("serviceAccountName")
        for obj in self._cluster.all():
            if obj.uid == workload.uid or obj.kind.key == CRD_KEY or listed_component(obj) != entry.component:
                continue
            proof = proof_of_inventory(obj)
            if proof and proof.proves:
                yield obj, proof.phrase
            elif obj.kind.key == SERVICE_ACCOUNT_KEY and (obj.namespace, obj.name) == (workload.namespace, account):
                yield obj, f"the account of {workload.title}, and of its component by name"

    def _users(self, entry: SharedProgramEntry) -> Iterable[Obj]:
        keys = (*entry.uses, *((HORIZONTAL_POD_AUTOSCALER_KEY,) if entry.metrics else ()))
        for obj in (obj for key in keys for obj in self._cluster.of(key)):
            if not catalogue.own_namespace(self._cluster, obj.namespace) and (not entry.metrics or _reads_pods(obj)):
                yield obj


def shared_programs(cluster: ClusterFacts) -> SharedPrograms:
    """The shared programs of a cluster."""
    return cluster.once(SharedPrograms)


def _is_delivered(workload: Obj) -> bool:
    proof = proof_of_inventory(workload)
    return proof is not None and proof.agreement in DELIVERED


def _reads_pods(autoscaler: Obj) -> bool:
    """Whether an autoscaler reads metrics.k8s.io (kubernetes v1.24.17, staging/src/k8s.io/api/autoscaling/v2)."""
    read = {metric.get("type") for metric in autoscaler.spec.get("metrics") or [{"type": "Resource"}]}
    return bool(read & {"Resource", "ContainerResource"})
