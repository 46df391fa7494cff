"""The canary: a throwaway namespace with a workload, bound to a Workspace before any business namespace.

A faulty Workspace deletes the canary first. The canary's Deployment has 0 replicas and needs no image: the test is
whether the object survives.
"""

import hashlib

from ks_reset.catalogue.names import CANARY_LABEL, CONFIG_MAP_KIND, DEPLOYMENT_KIND, NAMESPACE_KIND
from ks_reset.model import Body, Kind

PREFIX = "ks-reset-canary-"
INSIDE = "canary"


def canary_namespace(workspace: str) -> str:
    """The name of a Workspace's canary namespace; above 63 characters it is cut and ends with 8 digits of a hash."""
    full = PREFIX + workspace
    return full if len(full) <= 63 else f"{full[:54]}-{hashlib.sha256(full.encode()).hexdigest()[:8]}"


def canary_objects(workspace: str, binding: dict[str, str]) -> tuple[tuple[Kind, Body], ...]:
    """The types and bodies of the canary namespace, with the labels in `binding`, its ConfigMap and its Deployment."""
    home, marks = canary_namespace(workspace), {CANARY_LABEL: workspace}
    pods = {"metadata": {"labels": marks}, "spec": {"containers": [{"name": INSIDE, "image": "canary.invalid/none"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": marks}, "template": pods}
    inside = {"name": INSIDE, "namespace": home, "labels": marks}
    return (
        (NAMESPACE_KIND, _object_body(NAMESPACE_KIND, {"name": home, "labels": {**marks, **binding}})),
        (
            CONFIG_MAP_KIND,
            _object_body(
                CONFIG_MAP_KIND, inside, data={"about": "ks-reset looks whether this stays; it goes by itself"}
            ),
        ),
        (
            DEPLOYMENT_KIND,
            _object_body(DEPLOYMENT_KIND, inside, spec=spec),
        ),
    )


def _object_body(kind: Kind, meta: Body, **rest: Body) -> Body:
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, **rest}
