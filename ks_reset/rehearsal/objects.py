"""Apply manifests to a cluster: types first; their objects follow once the types are served."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from string import Template

import yaml

from ks_reset.catalogue.names import CRD_KIND
from ks_reset.cluster import Client, until
from ks_reset.cluster.transport import NotFound
from ks_reset.errors import Conflict, ResetError, Retry
from ks_reset.model import Body, Kind, group_of

SERVED_SECONDS = 30.0
PATIENCE_SECONDS = 20.0


def read_manifests(source: Path, values: Mapping[str, str] | None = None, but: Collection[str] = ()) -> list[Body]:
    """The objects in a YAML file, or in a folder's files except `but`; `${…}` is replaced from `values`."""
    files = sorted(source.glob("*.yaml")) if source.is_dir() else [source]
    files = [file for file in files if file.name not in but]
    texts = (Template(file.read_text()).safe_substitute(values or {}) for file in files)
    return [body for text in texts for body in yaml.safe_load_all(text) if body]


def key_of(body: Body) -> str:
    """The `Kind.key` of an object."""
    group = group_of(body["apiVersion"])
    return f"{body['kind']}.{group}" if group else str(body["kind"])


def put_objects(cluster: Client, bodies: Sequence[Body]) -> None:
    """Create each object, or merge it into the existing one: CRDs first, the rest in the given order.

    An ownerReference without `uid` gets the UID of the owner of this name. Raises ResetError with the name of the
    object rejected by the API server.
    """
    crds = [body for body in bodies if body["kind"] == CRD_KIND.kind]
    for crd in crds:
        _put_object(cluster, CRD_KIND, crd)
    kinds = _await_served(cluster, {key for crd in crds if (key := _defined_type(crd))})
    for body in bodies:
        if body["kind"] == CRD_KIND.kind:
            continue
        kind = kinds.get(key_of(body))
        if kind is None:
            raise ResetError(
                f"{key_of(body)} {body['metadata']['name']} has a type that {cluster.context} does not serve."
            )
        _put_object(cluster, kind, _with_owner_uids(cluster, kinds, body))


def _defined_type(crd: Body) -> str:
    return f"{crd['spec']['names']['kind']}.{crd['spec']['group']}"


def _await_served(cluster: Client, wanted: Iterable[str]) -> dict[str, Kind]:
    missing = set(wanted)
    if not until(lambda: missing <= cluster.kinds().keys(), SERVED_SECONDS):
        raise ResetError(f"{cluster.context} does not serve {', '.join(sorted(missing - cluster.kinds().keys()))}.")
    return cluster.kinds()


def _with_owner_uids(cluster: Client, kinds: Mapping[str, Kind], body: Body) -> Body:
    owners = body["metadata"].get("ownerReferences", [])
    for owner in owners:
        if "uid" not in owner:
            existing = cluster.get(kinds[key_of(owner)], owner["name"])
            owner["uid"] = (existing or {})["metadata"]["uid"]
    return body


def _put_object(cluster: Client, kind: Kind, body: Body) -> None:
    """Create or merge one object. Just after its CRD or namespace is created, the API server may answer 404 or 5xx."""
    meta = body["metadata"]
    problem = ""

    def is_accepted() -> bool:
        nonlocal problem
        try:
            cluster.create(kind, body)
        except Conflict:
            cluster.merge_patch(kind, meta["name"], meta.get("namespace", ""), body)
        except (Retry, NotFound) as error:
            problem = str(error)
            return False
        return True

    if not until(is_accepted, PATIENCE_SECONDS):
        raise ResetError(f"{kind.key} {meta['name']} was not created on {cluster.context}: {problem}")
