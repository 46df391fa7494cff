"""kubectl on the facts of a case: what the commands of a way on do to its objects, as the API server would do it.

get and describe change nothing. An object in deletion is gone once its last finalizer is, and an emptied namespace in
deletion once nothing is in it. A Cluster or a record that is gone is not dialled any more. Webhooks and other
controllers are not asked: what they do belongs to the simulation.
"""

import json
import shlex
from collections.abc import Callable
from typing import Any

from msgspec import structs

from ks_reset.catalogue.names import CLUSTER_KEY, KUBEFED_CLUSTER_KEY, NAMESPACE_KEY, NAMESPACE_KIND
from ks_reset.model import ClusterFacts, FleetFacts, Kind, Obj
from tests.build import Rows, body_of, kind_of

WRITES = ("patch", "label", "delete", "scale", "create", "annotate", "uncordon")
"""The verbs that this file knows."""
SHORT = {"crd": "customresourcedefinition"}


def carry_out(facts: FleetFacts, command: str) -> FleetFacts:
    """The fleet after one command. Raises ValueError for a verb, an object or a patch that it does not take."""
    context, namespace, (verb, *words) = _parse(command)
    cluster = next(cluster for cluster in facts.clusters if cluster.context == context)
    given = [word for word in words if not word.startswith("-")]
    flags = dict(word.lstrip("-").partition("=")[::2] for word in words if word.startswith("--"))
    match verb, given:
        case "create", ["namespace", name]:
            made = _new({"kind": "Namespace", "metadata": {"name": name}})
            return _with(facts, cluster, [*cluster.of(made.kind.key), made], made.kind)
        case "patch", _:
            patch = json.loads(words[words.index("-p") + 1])
            merges = flags["type"] == "merge" or "--type merge" in " ".join(words)
            change = _merged if merges else _patched
            named = [word for word in given if word not in ("merge", words[words.index("-p") + 1])]
            return _changed(facts, cluster, namespace, named, lambda body: change(body, patch))
        case "scale", _:
            replicas = {"spec": {"replicas": int(flags["replicas"])}}
            return _changed(facts, cluster, namespace, given, lambda body: _merged(body, replicas))
        case "label", [*named, last] if last.endswith("-"):
            gone = {"metadata": {"labels": {last.removesuffix("-"): None}}}
            return _changed(facts, cluster, namespace, named, lambda body: _merged(body, gone))
        case "uncordon", [*names]:
            ready = {"spec": {"unschedulable": None}}
            return _changed(facts, cluster, namespace, ["node", *names], lambda body: _merged(body, ready))
        case "annotate", [*named, last] if "=" in last:
            noted = {"metadata": {"annotations": dict([last.split("=", 1)])}}
            return _changed(facts, cluster, namespace, named, lambda body: _merged(body, noted))
        case "delete", _:
            return _collected(cluster, _changed(facts, cluster, namespace, given, _deleted))
    raise ValueError(f"not a command of this file: {command}")


def _parse(command: str) -> tuple[str, str, list[str]]:
    """The context, the namespace, and the rest of the words."""
    program, *words = shlex.split(command)
    if program != "kubectl" or words[0] != "--context":
        raise ValueError(f"not a command of kubectl with a context: {command}")
    context, rest = words[1], words[2:]
    return (context, rest[1], rest[2:]) if rest[0] == "-n" else (context, "", rest)


def _changed(
    facts: FleetFacts, cluster: ClusterFacts, namespace: str, named: list[str], change: Callable[[dict[str, Any]], Any]
) -> FleetFacts:
    """The fleet with these objects changed: `resource/name` each, or a resource and names."""
    slashed = [word.partition("/")[::2] for word in named if "/" in word]
    pairs = slashed or [(named[0], name) for name in named[1:]]
    for resource, name in pairs:
        found = [o for o in cluster.all() if (o.name, o.namespace) == (name, namespace) and _is_named(o, resource)]
        if len(found) != 1:
            raise ValueError(f"the server has no single {resource} {name}")
        body = change(found[0].body)
        kind, after = found[0].kind, Obj(found[0].kind, body) if body else None
        left = [o for o in cluster.of(kind.key) if o is not found[0]]
        alive = [after] if after and not (after.deleting and not after.finalizers) else []
        facts = _with(facts, cluster, [*left, *alive], kind)
        cluster = next(each for each in facts.clusters if each.identity == cluster.identity)
        homes = [home for home in cluster.of(NAMESPACE_KEY) if not _is_emptied(cluster, home)]
        facts = _with(facts, cluster, homes, NAMESPACE_KIND) if homes != [*cluster.of(NAMESPACE_KEY)] else facts
        cluster = next(each for each in facts.clusters if each.identity == cluster.identity)
    return facts


def _is_named(obj: Obj, resource: str) -> bool:
    return SHORT.get(resource, resource) in (obj.kind.resource, obj.kind.plural, obj.kind.kind.lower())


def _with(facts: FleetFacts, cluster: ClusterFacts, objects: list[Obj], kind: Kind) -> FleetFacts:
    """The fleet with these as all objects of a type on one cluster."""
    kinds, known = {**cluster.kinds, kind.key: kind}, {**cluster.objects, kind.key: tuple(objects)}
    now = _without_lost_ways(structs.replace(cluster, kinds=kinds, objects=known), kind)
    if cluster is facts.host:
        return structs.replace(facts, host=now)
    return structs.replace(facts, members=tuple(now if each is cluster else each for each in facts.members))


def _collected(before: ClusterFacts, facts: FleetFacts) -> FleetFacts:
    """The fleet without the dependents of what is gone: kubectl deletes in the background, and garbage is collected."""
    cluster = next(each for each in facts.clusters if each.identity == before.identity)
    gone = {obj.uid for obj in before.all()} - {obj.uid for obj in cluster.all()}
    while fallen := {o.uid for o in cluster.all() if o.owners and all(owner.uid in gone for owner in o.owners)} - gone:
        gone |= fallen
    for key in list(cluster.objects):
        if any(obj.uid in gone for obj in cluster.of(key)):
            kept = [obj for obj in cluster.of(key) if obj.uid not in gone]
            facts = _with(facts, cluster, kept, cluster.kinds[key])
            cluster = next(each for each in facts.clusters if each.identity == before.identity)
    return facts


def _is_emptied(cluster: ClusterFacts, namespace: Obj) -> bool:
    return namespace.deleting and not any(obj.namespace == namespace.name for obj in cluster.all())


def _without_lost_ways(cluster: ClusterFacts, kind: Kind) -> ClusterFacts:
    """The cluster without the ways of records that are gone, where records of this type have changed."""
    names = {obj.name for obj in cluster.of(kind.key)}
    if kind.key == CLUSTER_KEY:
        return structs.replace(cluster, connections=tuple(way for way in cluster.connections if way.record in names))
    if kind.key == KUBEFED_CLUSTER_KEY:
        return structs.replace(cluster, dials=tuple(way for way in cluster.dials if way.record in names))
    return cluster


def _new(row: dict[str, Any]) -> Obj:
    return Obj(kind_of(row), body_of(row))


def _merged(body: Any, patch: Any) -> Any:
    """The merge patch of RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    now = dict(body) if isinstance(body, dict) else {}
    for key, value in patch.items():
        now[key] = _merged(now.get(key), value)
        if value is None:
            del now[key]
    return now


def _patched(body: Any, operations: Rows) -> Any:
    """The JSON patch of RFC 6902. Raises ValueError for a test that fails."""
    now = json.loads(json.dumps(body))
    for operation in operations:
        *path, last = operation["path"].removeprefix("/").split("/")
        place = now
        for part in path:
            place = place[int(part) if isinstance(place, list) else part]
        at: Any = int(last) if isinstance(place, list) and last != "-" else last
        match operation["op"]:
            case "test":
                if place[at] != operation["value"]:
                    raise ValueError(f"the test of {operation['path']} fails")
            case "remove":
                del place[at]
            case "add" if isinstance(place, list):
                place.append(operation["value"])
            case "add" | "replace":
                place[at] = operation["value"]
    return now


def _deleted(body: dict[str, Any]) -> dict[str, Any] | None:
    """The object in deletion; None for one without finalizers."""
    if not body["metadata"].get("finalizers"):
        return None
    return _merged(body, {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}})
