"""Facts from a few rows of YAML, with defaults for everything else."""

from collections.abc import Callable
from functools import cache
from typing import Any

from msgspec import convert

from ks_reset.catalogue import load_catalogue
from ks_reset.model import (
    AddMarks,
    Body,
    ClusterFacts,
    Create,
    Dial,
    FleetFacts,
    Gap,
    InstallChart,
    Kind,
    Marks,
    Material,
    Missing,
    Obj,
    Options,
    Reach,
    RemoveMarks,
    Request,
    Scale,
    Target,
    WaitQuiet,
    WatchWorkspaces,
)

Rows = list[dict[str, Any]]
made_obj: Callable[[Kind, Body], Obj] = Obj
"""What makes an object of a kind and a body; a test of credentials replaces it by the redaction."""


def facts(
    host: Rows,
    members: dict[str, Rows] | None = None,
    dials: Rows | None = None,
    gaps: Rows | None = None,
    read: dict[str, dict[str, Any]] | None = None,
    missing: Rows | None = None,
) -> FleetFacts:
    """A host and its members. A dial is {record, identity | reach}; identity is the name of one of the clusters.

    A dial with `way: Cluster` is of a Cluster. A gap that is a list leaves what it would hold unread. `read` is what
    else was read of a cluster, by its name: {skew, jwt}; `missing` are members that did not answer.
    """
    from msgspec import structs

    dialled = [_dial(row) for row in dials or []]
    made = cluster("host", host)
    unread = {str(row["what"]).removeprefix("list of ") for row in gaps or []}
    world = structs.replace(
        made,
        objects={key: objs for key, objs in made.objects.items() if made.kinds[key].resource not in unread},
        dials=tuple(d for d in dialled if d.way == "KubeFedCluster"),
        connections=tuple(d for d in dialled if d.way == "Cluster"),
        gaps=tuple(convert(row, Gap) for row in gaps or []),
    )
    about = read or {}
    others = tuple(structs.replace(cluster(n, r), **about.get(n, {})) for n, r in (members or {}).items())
    gone = tuple(convert(row, Missing) for row in missing or [])
    world = structs.replace(world, **about.get("host", {}))
    return FleetFacts("ks-reset test", "2026-01-01T00:00:00Z", world, others, gone)


NEEDED: dict[type[Target], dict[str, Any]] = {
    Scale: {"replicas": 0},
    RemoveMarks: {"marks": Marks()},
    AddMarks: {"marks": Marks()},
    Create: {"body": {}},
    InstallChart: {"chart": "", "values": {}},
    WaitQuiet: {"seconds": 0},
    WatchWorkspaces: {"seconds": 0},
}
"""The fields that a verb cannot do without, where a test does not say them."""


def action(verb: type[Target], cluster: str, kind: Kind, name: str, **more: Any) -> Any:
    """An action of the step s, with plain values for what is not given."""
    return verb("s", cluster, kind, name, **{"why": "w", **NEEDED.get(verb, {}), **more})


def asked(**fields: Any) -> Options:
    """Options with these fields of the request and of the material; values may be plain data."""
    mine = [{k: v for k, v in fields.items() if k in part.__struct_fields__} for part in (Request, Material)]
    assert sum(map(len, mine)) == len(fields), "each field is one of the request or of the material"
    return Options(convert(mine[0], Request), convert(mine[1], Material))


def cluster(name: str, rows: Rows) -> ClusterFacts:
    """A cluster whose identity is `uid-of-<name>`; a row that is only a kind says that the type is served."""
    kinds: dict[str, Kind] = {}
    objects: dict[str, list[Obj]] = {}
    for row in rows:
        kind = kind_of(row)
        kinds[kind.key] = kind
        if "metadata" in row:
            objects.setdefault(kind.key, []).append(made_obj(kind, body_of(row)))
    found = {key: tuple(objects.get(key, ())) for key in (*objects, *kinds)}
    return ClusterFacts(f"uid-of-{name}", name, name, f"https://{name}", "v1.24.17", kinds, found)


def kind_of(row: dict[str, Any]) -> Kind:
    group, _, version = row.get("apiVersion", "v1").rpartition("/")
    namespaced = "namespace" in row.get("metadata", {})
    return Kind(group, version, row["kind"], plural_of(row["kind"], group), namespaced)


def plural_of(kind: str, group: str) -> str:
    """The resource of a kind: as its CRD in the catalogue says, else by the rule of Kubernetes for kinds.

    kubernetes v1.24.17, staging/src/k8s.io/apimachinery/pkg/api/meta/restmapper.go, UnsafeGuessKindToResource.
    """
    if known := _plurals().get(f"{kind}.{group}"):
        return known
    singular = kind.lower()
    if singular.endswith("endpoints"):
        return singular
    if singular.endswith("y"):
        return f"{singular.removesuffix('y')}ies"
    return f"{singular}es" if singular.endswith("s") else f"{singular}s"


@cache
def _plurals() -> dict[str, str]:
    return {crd.key: crd.name.partition(".")[0] for crd in load_catalogue().crds}


def body_of(row: dict[str, Any]) -> Body:
    """The object; without a UID it gets one made of its name."""
    meta = row["metadata"]
    return row | {"metadata": {"uid": f"uid-of-{row['kind']}-{meta.get('namespace', '')}-{meta['name']}", **meta}}


def _dial(row: dict[str, Any]) -> Dial:
    identity = f"uid-of-{row['identity']}" if "identity" in row else ""
    reach = Reach(row.get("reach", "reached" if identity else "not dialled"))
    endpoint = row.get("endpoint", f"https://{row.get('identity', row['record'])}")
    more = {
        key: row[key] for key in ("way", "recorded", "version", "expires", "skew", "detail", "account") if key in row
    }
    return Dial(
        row["record"],
        row.get("namespace", "kube-federation-system"),
        endpoint,
        row.get("ca", "ca"),
        reach,
        identity,
        **more,
    )
