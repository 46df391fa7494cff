"""Operators that KubeSphere brings, and the users' objects they act on."""

import re
from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.entries import OperatorEntry
from ks_reset.catalogue.images import image_names
from ks_reset.catalogue.names import DEPLOYMENT_KEY, HELM_RELEASE_NAMESPACE_ANNOTATION, NODE_KEY, POD_KEY, WORKLOAD_KEYS
from ks_reset.facts.shared_components import SharedComponents
from ks_reset.model import ClusterFacts, Obj, Request, Skipped

LIMITED = re.compile(r"--[a-z-]*namespaces?(=|$)")
"""An argument that limits an operator to namespaces (prometheus-operator v0.55.1, cmd/operator/main.go: namespaces,
deny-namespaces, prometheus-instance-namespaces)."""
RUNS_AS = (*WORKLOAD_KEYS, POD_KEY)
"""The types of an operator's workload, those of whole workloads first."""


class Served(Struct, frozen=True):
    """A bundled operator on a cluster, and the users' objects it acts on."""

    operator: OperatorEntry
    workload: Obj
    objects: tuple[Obj, ...]


def bundled_operators(cluster: ClusterFacts) -> dict[str, tuple[OperatorEntry, Obj]]:
    """The bundled operators on a cluster, by name, each with its workload: of any type, by its name or its image.

    In a namespace that others may use as well, one counts only if a component there is proven to be KubeSphere's.
    """
    shared = SharedComponents(cluster).homes
    entries = [
        entry
        for entry in catalogue.load_catalogue().operators
        if entry.namespace in shared or not catalogue.shared_namespace(entry.namespace)
    ]
    found: dict[str, tuple[OperatorEntry, Obj]] = {}
    for workload in (obj for key in RUNS_AS for obj in cluster.of(key)):
        for entry in entries:
            if workload.namespace == entry.namespace and _runs(workload, entry):
                found.setdefault(entry.name, (entry, workload))
    return found


def served_by_bundled(cluster: ClusterFacts) -> list[Served]:
    """The bundled operators with objects of users that no other copy of the operator acts on."""
    served = [
        Served(entry, workload, objects)
        for entry, workload in bundled_operators(cluster).values()
        if (objects := tuple(users_objects(cluster, entry)))
    ]
    return [each for each in served if not _other_copies(cluster, each.operator)]


def users_objects(cluster: ClusterFacts, entry: OperatorEntry) -> Iterable[Obj]:
    """The objects of the operator's API groups that KubeSphere does not bring, and the nodes that need it."""
    for obj in cluster.of_groups(entry.groups.__contains__):
        if not is_brought(obj, entry) and (not entry.limited or obj.namespace == entry.namespace):
            yield obj
    yield from (node for node in cluster.of(NODE_KEY) if entry.nodes and entry.nodes in node.labels)


def is_brought(obj: Obj, entry: OperatorEntry) -> bool:
    """Whether KubeSphere brings an object of the operator's API groups."""
    release = obj.annotations.get(HELM_RELEASE_NAMESPACE_ANNOTATION, "")
    in_own_namespace = catalogue.system_namespace(obj.namespace) or (release and catalogue.system_namespace(release))
    return bool(in_own_namespace or obj.title in entry.delivered)


def forgone_objects(cluster: ClusterFacts, request: Request) -> Iterable[Skipped]:
    """The users' objects that stay without their operator, each by name; none of a type given up (--discard)."""
    for served in served_by_bundled(cluster) if request.forgone_operators else ():
        name = served.operator.name
        if name in request.forgone_operators:
            why = f"it stays, and its {name} goes (--without-operator): {served.operator.loses}"
            staying = (obj for obj in served.objects if obj.kind.resource not in request.discard)
            yield from (Skipped(cluster.name, obj.title, why) for obj in staying)


def _runs(workload: Obj, entry: OperatorEntry) -> bool:
    return workload.name == entry.workload or bool(image_names(workload) & {*entry.images})


def _other_copies(cluster: ClusterFacts, entry: OperatorEntry) -> list[Obj]:
    """The running Deployments of the same operator in other namespaces, without a limit to some namespaces."""
    return [
        deployment
        for deployment in cluster.of(DEPLOYMENT_KEY)
        if deployment.spec.get("replicas", 1)
        and deployment.namespace != entry.namespace
        and not catalogue.system_namespace(deployment.namespace)
        and image_names(deployment) & {*entry.images}
        and not any(LIMITED.match(str(argument)) for argument in _arguments(deployment))
    ]


def _arguments(deployment: Obj) -> Iterable[object]:
    pod = (deployment.spec.get("template") or {}).get("spec") or {}
    for container in pod.get("containers") or ():
        yield from (*(container.get("command") or ()), *(container.get("args") or ()))
