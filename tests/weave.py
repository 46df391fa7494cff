"""Weave Scope as KubeSphere's installer leaves it, in the shorthand of the cases: a component in a shared namespace."""

from typing import Any

LABELS = {
    "app": "weave-scope",
    "name": "weave-scope-app",
    "weave-cloud-component": "scope",
    "weave-scope-component": "app",
}
CONTAINER = {
    "name": "app",
    "image": "weaveworks/scope:1.13.0",
    "command": ["/home/weave/scope"],
    "args": ["--mode=app", "--weave=false"],
    "ports": [{"containerPort": 4040}],
}
NAMESPACE: dict[str, Any] = {"Namespace weave": {"labels": {"kubesphere.io/workspace": "system-workspace"}}}
PROGRAM: dict[str, Any] = {
    "Deployment weave/weave-scope-app": {
        "spec": {"selector": {"matchLabels": LABELS}, "template": {"spec": {"containers": [CONTAINER]}}}
    }
}
MADE: dict[str, Any] = {"ReplicaSet weave/weave-scope-app-74": {"owners": ["Deployment weave/weave-scope-app"]}}
SCOPE = (NAMESPACE, PROGRAM, MADE)
