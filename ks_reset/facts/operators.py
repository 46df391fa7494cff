"""Operators that KubeSphere brings, the users' objects they act on, and what stays because of the operator's choice."""

import re
from collections.abc import Iterable

from msgspec import Struct

from ks_reset import catalogue
from ks_reset.catalogue.entries import OperatorEntry
from ks_reset.catalogue.images import image_names
from ks_reset.catalogue.names import DEPLOYMENT_KEY, HELM_RELEASE_NAMESPACE_ANNOTATION
from ks_reset.model import ClusterFacts, Obj, Request, Skipped

LIMITED = re.compile(r"--[a-z-]*namespaces?(=|$)")
"""An argument that limits an operator to namespaces (prometheus-operator v0.55.1, cmd/operator/main.go: namespaces,
deny-namespaces, prometheus-instance-namespaces)."""


class Served(Struct, frozen=True):
    """A bundled operator on a cluster, and the users' objects it acts on."""

    operator: OperatorEntry
    deployment: Obj
    objects: tuple[Obj, ...]


def served_by_bundled(cluster: ClusterFacts) -> list[Served]:
    """The bundled operators with objects of users that no other copy of the operator acts on."""
    served = [
        Served(entry, deployment, objects)
        for entry, deployment in _bundled(cluster)
        if (objects := tuple(users_objects(cluster, entry)))
    ]
    return [each for each in served if not _other_copies(cluster, each.operator)]


def users_objects(cluster: ClusterFacts, entry: OperatorEntry) -> Iterable[Obj]:
    """The objects of the operator's API groups that KubeSphere does not bring."""
    return (obj for obj in cluster.of_groups(entry.groups.__contains__) if not _is_kubespheres(obj, entry))


def _is_kubespheres(obj: Obj, entry: OperatorEntry) -> bool:
    release = obj.annotations.get(HELM_RELEASE_NAMESPACE_ANNOTATION, "")
    in_own_namespace = catalogue.system_namespace(obj.namespace) or (release and catalogue.system_namespace(release))
    return bool(in_own_namespace or obj.title in entry.delivered)


def _bundled(cluster: ClusterFacts) -> Iterable[tuple[OperatorEntry, Obj]]:
    for entry in catalogue.load_catalogue().operators:
        if deployment := cluster.get(DEPLOYMENT_KEY, entry.workload, entry.namespace):
            yield entry, deployment


def _other_copies(cluster: ClusterFacts, entry: OperatorEntry) -> list[Obj]:
    """The running Deployments of the same operator in other namespaces, without a limit to some namespaces."""
    return [
        deployment
        for deployment in cluster.of(DEPLOYMENT_KEY)
        if deployment.spec.get("replicas", 1)
        and not catalogue.system_namespace(deployment.namespace)
        and image_names(deployment) & {*entry.images}
        and not any(LIMITED.match(str(argument)) for argument in _arguments(deployment))
    ]


def _arguments(deployment: Obj) -> Iterable[object]:
    pod = (deployment.spec.get("template") or {}).get("spec") or {}
    for container in pod.get("containers") or ():
        yield from (*(container.get("command") or ()), *(container.get("args") or ()))


def kept_operators(cluster: ClusterFacts, request: Request) -> list[OperatorEntry]:
    """The operators that stay on this cluster, with their namespace, by the operator's choice."""
    return [entry for entry, _ in _bundled(cluster) if entry.name in request.operators]


def kept_namespaces(cluster: ClusterFacts, request: Request) -> dict[str, str]:
    """The namespaces that stay, each with the name of the operator in it."""
    return {entry.namespace: entry.name for entry in kept_operators(cluster, request)}


def spared_groups(request: Request) -> frozenset[str]:
    """The API groups of operators that are kept or forgone: users' objects and types of these groups stay."""
    chosen = {*request.operators, *request.forgone}
    return frozenset(g for entry in catalogue.load_catalogue().operators if entry.name in chosen for g in entry.groups)


def is_spared(cluster: ClusterFacts, request: Request, obj: Obj) -> bool:
    """Whether an object of such a group stays: a user's, or any in a namespace that stays."""
    chosen = {*request.operators, *request.forgone}
    for entry in catalogue.load_catalogue().operators:
        if entry.name in chosen and obj.kind.group in entry.groups:
            kept = any(kept.name == entry.name for kept in kept_operators(cluster, request))
            return kept or not _is_kubespheres(obj, entry)
    return False


def forgone_objects(cluster: ClusterFacts, request: Request) -> Iterable[Skipped]:
    """The users' objects that stay without their operator, each by name."""
    for served in served_by_bundled(cluster):
        name = served.operator.name
        if name in request.forgone:
            why = f"it stays, and its {name} goes (--without-operator): {served.operator.loses}"
            yield from (Skipped(cluster.name, obj.title, why) for obj in served.objects)
