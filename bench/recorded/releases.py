"""The records of helm releases, without content in a recording: given content again, helm can uninstall a release."""

import gzip
import json
from base64 import b64encode

from bench.recorded.world import Row, acceptable
from ks_reset.catalogue.names import SECRET_KIND
from ks_reset.cluster import Client
from ks_reset.model import Body, Kind

PREFIX = "sh.helm.release.v1."
TIME = "2026-01-01T00:00:00Z"
MANAGER = "app.kubernetes.io/managed-by"
NAME, NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"


def record_releases(client: Client, rows: list[Row]) -> int:
    """Fill in the recorded release Secrets that exist without content, and return how many."""
    kinds, filled = client.kinds(), 0
    for row in rows:
        if row.key == "Secret" and row.name.startswith(PREFIX) and _is_empty(client, row):
            name = row.name.removeprefix(PREFIX).rpartition(".v")[0]
            content = b64encode(release_content(row.namespace, name, rows, kinds)).decode()
            client.merge_patch(SECRET_KIND, row.name, row.namespace, {"data": {"release": content}})
            filled += 1
    return filled


def release_content(namespace: str, name: str, rows: list[Row], kinds: dict[str, Kind]) -> bytes:
    """What helm stores about a release: its manifest has the objects with helm's annotations of it, and no hooks.

    helm v3.14.4, pkg/release/release.go and pkg/storage/driver/util.go (encodeRelease). Types in the folder crds/ of a
    chart have no annotations and are in no manifest (pkg/action/install.go, installCRDs).
    """
    manifest = "".join(
        f"---\n{json.dumps(acceptable(row, {}) | _type(kinds[row.key]))}\n"
        for row in rows
        if release_of(row.body["metadata"]) == (namespace, name) and row.key in kinds
    )
    info = {"first_deployed": TIME, "last_deployed": TIME, "deleted": "", "status": "deployed"}
    chart = {"metadata": {"name": name, "version": "0.0.0", "apiVersion": "v2"}}
    release = {"name": name, "namespace": namespace, "version": 1, "info": info, "chart": chart, "manifest": manifest}
    return b64encode(gzip.compress(json.dumps(release).encode()))


def release_of(meta: Body) -> tuple[str, str]:
    """Namespace and name of the release in helm's annotations of an object; empty without."""
    annotations = meta.get("annotations") or {}
    return annotations.get(NAMESPACE, ""), annotations.get(NAME, "")


def why_refused(meta: Body, wanted: Body) -> str:
    """Why `helm install` refuses an existing object as another's; "" if helm takes it over, or did not make `wanted`.

    helm v3.14.4, pkg/action/validate.go (checkOwnership): label and both annotations must be those of the release.
    """
    if not any(release_of(wanted)):
        return ""
    manager = (meta.get("labels") or {}).get(MANAGER, "")
    if manager != "Helm":
        return f"label {MANAGER} is {manager!r}, not 'Helm'"
    if release_of(meta) != release_of(wanted):
        return f"release is {'/'.join(release_of(meta))!r}, not {'/'.join(release_of(wanted))!r}"
    return ""


def _is_empty(client: Client, row: Row) -> bool:
    secret = client.get(SECRET_KIND, row.name, row.namespace)
    return secret is not None and not (secret.get("data") or {}).get("release")


def _type(kind: Kind) -> Body:
    return {"apiVersion": kind.api_version, "kind": kind.kind}
