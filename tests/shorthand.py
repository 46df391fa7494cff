"""Shorthand of the case files: one line for an object. tests/README.md has an example of each kind.

An object is `TYPE [NAMESPACE/]NAME [-> TARGET]`, a string, or the only key of a mapping of its fields. TYPE alone means
the cluster serves the type. TYPE is `Kind`, or `Kind.version.group` as kubectl takes it. An object in full
(`kind`, `metadata`, ...) stays as it is.
"""

from collections.abc import Callable
from typing import Any

from msgspec import convert

from ks_reset.model import BeforeImage, Body, Kind, Membership

API_VERSIONS = {
    kind: version
    for version, kinds in {
        "admissionregistration.k8s.io/v1": "ValidatingWebhookConfiguration MutatingWebhookConfiguration",
        "apiextensions.k8s.io/v1": "CustomResourceDefinition",
        "apiregistration.k8s.io/v1": "APIService",
        "apps/v1": "Deployment ReplicaSet StatefulSet",
        "cluster.kubesphere.io/v1alpha1": "Cluster",
        "core.kubefed.io/v1beta1": "FederatedTypeConfig KubeFedCluster KubeFedConfig",
        "devops.kubesphere.io/v1alpha3": "DevOpsProject",
        "iam.kubesphere.io/v1alpha2": "GlobalRole GlobalRoleBinding User WorkspaceRole WorkspaceRoleBinding",
        "installer.kubesphere.io/v1alpha1": "ClusterConfiguration",
        "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
        "tenant.kubesphere.io/v1alpha1": "Workspace",
        "tenant.kubesphere.io/v1alpha2": "WorkspaceTemplate",
        "types.kubefed.io/v1beta1": "FederatedConfigMap FederatedNamespace FederatedWorkspace",
    }.items()
    for kind in kinds.split()
}
NAMESPACES = dict.fromkeys(("FederatedTypeConfig", "KubeFedCluster", "KubeFedConfig"), "kube-federation-system")
METADATA = ("labels", "annotations", "finalizers", "uid", "ownerReferences", "deletionTimestamp", "creationTimestamp")
DELETED_AT = "2026-01-01T00:00:00Z"
IMAGE_FIELDS = set(BeforeImage.__struct_fields__) - {"cluster", "kind", "body"}


def expand_case(document: Body) -> Body:
    """The content of a case file with every shorthand replaced; everything else is left as it is."""
    return _expand(document, CASE)


def expand_object(row: Any) -> Body:
    """`Workspace ws1`, or `Namespace shop: {labels: {...}, owners: [Workspace ws1]}`: the Kubernetes object."""
    header, fields = _header_and_fields(row)
    if not header:
        return fields
    title, _, target = header.partition(" -> ")
    written, _, path = title.partition(" ")
    kind, version = _kind_and_version(written)
    body: Body = {"apiVersion": version, "kind": kind} if version else {"kind": kind}
    if not path:
        return body
    namespace, _, name = path.rpartition("/")
    namespace = namespace or NAMESPACES.get(kind, "")
    meta = {"name": name, "namespace": namespace} if namespace else {"name": name}
    _merge(body, {"metadata": meta})
    if target:
        _merge(body, _body_of_target(kind, name, target))
    for key, value in fields.items():
        _merge(body, _field(key, value))
    return body


def expand_dial(row: Any) -> Body:
    """`eu -> host`, or `eu -> host: {way: Cluster}`: the host answers behind the record eu. `eu: unreachable`."""
    header, fields = _header_and_fields(row)
    if not header:
        (record, reach), *more = fields.items()
        return fields if more else {"record": record, "reach": reach}
    record, _, identity = header.partition(" -> ")
    return {"record": record, "identity": identity, **fields}


def expand_image(row: Any) -> Any:
    """`host User admin`, or with the object's fields: an object of a snapshot or an installation, on that cluster.

    The fields of a BeforeImage itself (`why`, `sealed`, ...) stand among the object's.
    """
    header, fields = _header_and_fields(row)
    if not header:
        return fields
    cluster, _, title = header.partition(" ")
    body = expand_object({title: {key: value for key, value in fields.items() if key not in IMAGE_FIELDS}})
    name, (group, _, version) = body.pop("kind"), body.pop("apiVersion", "v1").rpartition("/")
    kind = Kind(group, version, name, f"{name.lower()}s", "namespace" in body["metadata"])
    own = {key: value for key, value in fields.items() if key in IMAGE_FIELDS}
    return convert({"cluster": f"uid-of-{cluster}", "kind": kind, "body": body, **own}, BeforeImage)


def expand_membership(row: Any) -> Any:
    """`host shop -> ws1`, or `host shop -> ws1: {uid: other}`: on the host, namespace shop belongs to Workspace ws1."""
    header, fields = _header_and_fields(row)
    if not header:
        return fields
    path, _, workspace = header.partition(" -> ")
    cluster, _, namespace = path.partition(" ")
    uid = f"uid-of-Namespace--{namespace}"
    known = {"cluster": f"uid-of-{cluster}", "namespace": namespace, "uid": uid, "workspace": workspace}
    return convert(known | fields, Membership)


def expand_owner(row: Any) -> Body:
    """`Workspace ws1`, or `Workspace ws1: {uid: old}`: an owner reference; the UID is the owner's, if none is given."""
    header, fields = _header_and_fields(row)
    if not header:
        return fields
    owner = expand_object(header)
    name, namespace = owner["metadata"]["name"], owner["metadata"].get("namespace", "")
    uid = f"uid-of-{owner['kind']}-{namespace}-{name}"
    return {"apiVersion": owner.get("apiVersion", "v1"), "kind": owner["kind"], "name": name, "uid": uid, **fields}


def _header_and_fields(row: Any) -> tuple[str, Body]:
    """The header is empty for a value in full."""
    if isinstance(row, str):
        return row, {}
    header, fields = next(iter(row.items())) if len(row) == 1 else ("", row)
    short = isinstance(fields, dict) and (" " in header)
    return (header, fields) if short else ("", row)


def _kind_and_version(written: str) -> tuple[str, str]:
    kind, _, rest = written.partition(".")
    version, _, group = rest.partition(".")
    return kind, (f"{group}/{version}" if group else version or API_VERSIONS.get(kind, ""))


def _body_of_target(kind: str, name: str, target: str) -> Body:
    """The fields for `-> TARGET`: a record's cluster, a placement, a type, or helm's state."""
    match kind:
        case "KubeFedCluster":
            return {"spec": {"apiEndpoint": f"https://{target}", "secretRef": {"name": f"{name}-secret"}}}
        case "FederatedTypeConfig":
            federated = {"group": "types.kubefed.io", "kind": f"Federated{target}"}
            group = API_VERSIONS.get(target, "").rpartition("/")[0]
            scope = "Cluster" if group else "Namespaced"
            return {
                "spec": {"federatedType": federated, "targetType": {"group": group, "kind": target, "scope": scope}}
            }
        case "CustomResourceDefinition":
            defined, _, version = target.partition(" ")
            versions = {"versions": [{"name": version}]} if version else {}
            return {"spec": {"group": name.partition(".")[2], "names": {"kind": defined}, **versions}}
        case "Secret":
            *_, release, revision = name.split(".")
            labels = {"owner": "helm", "name": release, "status": target, "version": revision.removeprefix("v")}
            return {"metadata": {"labels": labels}}
    everywhere = target == "everywhere"
    placement: Body = {"clusterSelector": {}} if everywhere else {"clusters": [{"name": n} for n in target.split(", ")]}
    return {"spec": {"placement": placement}}


def _field(key: str, value: Any) -> Body:
    match key:
        case "replicas":
            return {"spec": {"replicas": value}}
        case "image":
            return {"spec": {"template": {"spec": {"containers": [{"image": value}]}}}}
        case "available":
            return {"status": {"availableReplicas": value}}
        case "owners":
            return {"metadata": {"ownerReferences": [expand_owner(owner) for owner in value]}}
        case "deleted":
            return {"metadata": {"deletionTimestamp": DELETED_AT}}
    return {"metadata": {key: value}} if key in METADATA else {key: value}


def _merge(body: Body, more: Body) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(body.get(key), dict):
            _merge(body[key], value)
        else:
            body[key] = value


def _expand(fields: Body, readers: dict[str, Callable[[Any], Any]]) -> Body:
    return {key: readers[key](value) if key in readers else value for key, value in fields.items()}


def _each(expand: Callable[[Any], Any]) -> Callable[[list[Any]], list[Any]]:
    return lambda rows: [expand(row) for row in rows]


OPTIONS: dict[str, Callable[[Any], Any]] = {
    "memory": lambda memory: _expand(memory, OPTIONS),
    "install": lambda install: _expand(install, OPTIONS),
    "objects": _each(expand_image),
    "past": _each(expand_image),
    "bonds": _each(expand_membership),
    "joining": _each(lambda join: join | {"cluster": expand_image(join["cluster"])}),
}
CASE: dict[str, Callable[[Any], Any]] = {
    "host": _each(expand_object),
    "members": lambda members: {name: [expand_object(row) for row in rows] for name, rows in members.items()},
    "object": expand_object,
    "role": expand_object,
    "bindings": _each(expand_object),
    "dials": _each(expand_dial),
    "options": lambda options: _expand(options, OPTIONS),
}
