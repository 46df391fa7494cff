"""Walk a checkout of the extensions of 4.x: each is one helm release in a namespace of its own.

kubesphere v4.1.3, pkg/controller/core/installplan_controller.go: the namespace is that of extension.yaml, else
`extension-<name>`; charts tagged `agent` go to each cluster as release `<name>-agent` if the extension is for several
clusters.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.inventory.core_chart import render_with
from tools.inventory.found import Found
from tools.inventory.tasks import Release


def walk_extensions(root: Path, helm: Path) -> Iterator[Found]:
    """Every object of each extension, in its own namespace and in the one given by its name."""
    for path in sorted(root.glob("*/extension.yaml")):
        about = yaml.safe_load(path.read_text())
        with tempfile.TemporaryDirectory() as folder:
            chart = _chart_of(path.parent, about, Path(folder))
            for release in _releases_of(about):
                like = Found({}, path.parent.name, f"extension {about['name']}")
                values = {"tags": {"agent": True, "extension": True}}
                yield from render_with(helm, chart, release, values, like)
                yield from _executor_objects(about["name"], release.namespace, like)


def _releases_of(about: dict[str, Any]) -> Iterator[Release]:
    name = about["name"]
    for namespace in dict.fromkeys((about.get("namespace") or f"extension-{name}", f"extension-{name}")):
        yield Release(name, namespace, "", ())
        if about.get("installationMode") == "Multicluster":
            yield Release(f"{name}-agent", namespace, "", ())


def _chart_of(source: Path, about: dict[str, Any], folder: Path) -> Path:
    """A chart of helm made of an extension: extension.yaml gives name, version and dependencies."""
    chart = Path(shutil.copytree(source, folder / source.name))
    fields = {"apiVersion": "v2", "name": about["name"], "version": str(about["version"])}
    dependencies = [{"version": "*", **part} for part in about.get("dependencies") or []]
    (chart / "Chart.yaml").write_text(yaml.safe_dump(fields | {"dependencies": dependencies}))
    return chart


def _executor_objects(name: str, namespace: str, like: Found) -> Iterator[Found]:
    """What the controller makes before it installs an extension; the rules of the roles are the extension's own."""
    labels = {"kubesphere.io/extension-ref": name}
    role, account = f"kubesphere:{name}:helm-executor", f"helm-executor.{name}"
    subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    rbac = "rbac.authorization.k8s.io/v1"
    marks = labels | {"kubesphere.io/workspace": "system-workspace", "kubesphere.io/managed": "true"}
    for version, kind, title, rest in (
        ("v1", "Namespace", namespace, {"labels": marks}),
        ("v1", "ServiceAccount", account, {"labels": labels}),
        (rbac, "Role", role, {}),
        (rbac, "ClusterRole", role, {}),
        (rbac, "RoleBinding", role, {"kind": "Role"}),
        (rbac, "ClusterRoleBinding", role, {"kind": "ClusterRole"}),
    ):
        body: dict[str, Any] = {"apiVersion": version, "kind": kind}
        body["metadata"] = {"name": title, **({"labels": rest["labels"]} if "labels" in rest else {})}
        if "kind" in rest:
            body |= {"roleRef": {"kind": rest["kind"], "name": role}, "subjects": [subject]}
        yield Found(body, like.source, like.component, namespace=namespace)
