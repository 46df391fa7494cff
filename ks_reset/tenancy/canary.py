"""The canary: a throwaway namespace with a workload, bound to a Workspace before any business namespace is.

What is wrong with a Workspace kills it first. Its Deployment asks for no pods, so that no image has to be there: what
has to survive is the object.
"""

import hashlib

from ks_reset.catalogue.names import CANARY_LABEL, CONFIG_MAP_KIND, DEPLOYMENT_KIND, NAMESPACE_KIND
from ks_reset.model import Body, Kind

PREFIX = "ks-reset-canary-"
INSIDE = "canary"
NAMESPACE = NAMESPACE_KIND

DEPLOYMENT = DEPLOYMENT_KIND


def name(workspace: str) -> str:
    """The canary's namespace, in 63 characters at most."""
    whole = PREFIX + workspace
    return whole if len(whole) <= 63 else f"{whole[:54]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def bodies(workspace: str, binding: dict[str, str]) -> tuple[tuple[Kind, Body], ...]:
    """The namespace, with the labels that bind it, and what lives in it."""
    home, marks = name(workspace), {CANARY_LABEL: workspace}
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
