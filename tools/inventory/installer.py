"""Walk a checkout of ks-installer: its manifests, templates, charts, and the Secrets made by its tasks."""

import sys
import tarfile
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import jinja2
from msgspec import Struct

from ks_reset.model import Body
from tools.inventory.charts import render_chart
from tools.inventory.components import component_of
from tools.inventory.found import Found, read_documents
from tools.inventory.settings import Settings, make_settings
from tools.inventory.tasks import Release, find_namespaces, find_releases, find_secrets
from tools.inventory.templates import make_environment, render_template, resolve_variables

KUBES = ("1.19.0", "1.24.0")
"""Versions of Kubernetes supported by 3.x, before and after v1 of Ingress and PodDisruptionBudget."""
NO_MANIFESTS = {"tasks", "defaults", "meta", "vars"}
NAMESPACES = {
    "roles/common/templates": "kubesphere-system",
    "roles/ks-core": "kubesphere-system",
    "roles/ks-multicluster": "kube-federation-system",
}


class Walk(Struct, frozen=True):
    """One checkout with what was learned of it."""

    root: Path
    helm: Path
    settings: tuple[Settings, ...]
    environment: jinja2.Environment
    charts: tuple[Path, ...]

    def path_of(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def walk_installer(root: Path, helm: Path) -> Iterator[Found]:
    """Every object in the checkout, once for each configuration it is rendered with."""
    env = make_environment()
    settings = tuple(Settings(s.name, resolve_variables(env, s.values)) for s in make_settings(root))
    walk = Walk(root, helm, settings, env, tuple(_find_charts(root)))
    yield from chain(_plain_manifests(walk), _templates(walk), _secrets(walk))
    for chart in walk.charts:
        yield from _chart_objects(walk, chart)


def _find_charts(root: Path) -> Iterator[Path]:
    folders = sorted((path.parent for path in root.glob("roles/**/Chart.yaml")), key=lambda path: len(path.parts))
    outer: list[Path] = []
    for folder in folders:
        if not any(folder.is_relative_to(other) for other in outer):
            outer.append(folder)
    yield from outer
    for archive in sorted(root.glob("roles/**/*.tgz")):
        with tarfile.open(archive) as tar:
            if any(name.count("/") == 1 and name.endswith("/Chart.yaml") for name in tar.getnames()):
                yield archive


def _manifest_files(walk: Walk, pattern: str) -> Iterator[Path]:
    for path in sorted(chain(walk.root.glob(f"deploy/{pattern}"), walk.root.glob(f"roles/**/{pattern}"))):
        inside = any(path.is_relative_to(chart) for chart in walk.charts)
        if not inside and not NO_MANIFESTS & set(path.relative_to(walk.root).parts[:-1]):
            yield path


def _plain_manifests(walk: Walk) -> Iterator[Found]:
    for path in chain(_manifest_files(walk, "*.yaml"), _manifest_files(walk, "*.yml")):
        where = walk.path_of(path)
        for body in read_documents(path.read_text()):
            for settings in walk.settings[:1]:
                yield Found(body, where, component_of(where), settings.name, "", _namespace_of(walk, path))


def _templates(walk: Walk) -> Iterator[Found]:
    for path in _manifest_files(walk, "*.j2"):
        where, text, namespace = walk.path_of(path), path.read_text(), _namespace_of(walk, path)
        if "kind:" not in text:
            continue
        for settings in walk.settings:
            for body in read_documents(render_template(walk.environment, text, settings.values)):
                yield Found(body, where, component_of(where), settings.name, "", namespace)


def _secrets(walk: Walk) -> Iterator[Found]:
    for path in sorted(walk.root.glob("roles/**/tasks/*.y*ml")):
        for made in find_secrets(path):
            body = {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": made.name, "namespace": made.namespace},
            }
            yield Found(body, walk.path_of(path), component_of(walk.path_of(path)))


def _chart_objects(walk: Walk, chart: Path) -> Iterator[Found]:
    """The objects of each release that tasks install the chart as."""
    where, releases = walk.path_of(chart), _releases_of(walk, chart)
    if not releases:
        print(f"no task installs {where}", file=sys.stderr)
    for release in releases:
        rendered = list(_release_objects(walk, chart, release))
        if not rendered:
            print(f"helm renders nothing of {where} as {release.name}", file=sys.stderr)
        yield from rendered


def _release_objects(walk: Walk, chart: Path, release: Release) -> Iterator[Found]:
    where, title, rendered = (
        walk.path_of(chart),
        f"{release.namespace}/{release.name}",
        dict[tuple[str, ...], list[Body]](),
    )
    ways = [(settings.name, tuple(_values_of(walk, chart, release, settings))) for settings in walk.settings]
    for name, values in (*ways, ("the chart's own", ())):
        if values not in rendered:
            rendered[values] = list(_render(walk, chart, release, values))
        for body in rendered[values]:
            yield Found(body, where, component_of(where), name, title, release.namespace)


def _values_of(walk: Walk, chart: Path, release: Release, settings: Settings) -> Iterator[str]:
    for name in release.values or _own_values(walk, chart):
        if template := next(_role_of(walk, chart).rglob(f"{name}.j2"), None):
            yield render_template(walk.environment, template.read_text(), settings.values)


def _own_values(walk: Walk, chart: Path) -> tuple[str, ...]:
    """A chart delivered without values.yaml gets one from a template of its role."""
    if not chart.is_dir() or (chart / "values.yaml").exists():
        return ()
    return tuple(path.name.removesuffix(".j2") for path in sorted(_role_of(walk, chart).glob("templates/*values*.j2")))


def _render(walk: Walk, chart: Path, release: Release, values: tuple[str, ...]) -> Iterator[Body]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.yaml" for number in range(len(values))]
        for path, text in zip(files, values, strict=True):
            path.write_text(text)
        for kube in KUBES:
            yield from render_chart(walk.helm, chart, release, files, kube)


def _releases_of(walk: Walk, chart: Path) -> list[Release]:
    """The releases of a chart, each once: by the chart's path in a task, else by a shell variable named after it.

    OpenSearch is one chart and two releases (ks-installer v3.4.1, roles/common/tasks/opensearch-install.yaml).
    """
    releases = [r for path in _role_of(walk, chart).rglob("tasks/*.y*ml") for r in find_releases(path.read_text())]
    by_path = [r for r in releases if r.chart.rstrip("/").rsplit("/", 1)[-1] == chart.name]
    by_variable = [r for r in releases if r.chart.endswith("_chart") and chart.name.startswith(_variable_stem(r))]
    return list({(r.namespace, r.name): r for r in reversed(by_path or by_variable)}.values())[::-1]


def _variable_stem(release: Release) -> str:
    """ks_devops_chart → ks-devops."""
    return release.chart.removesuffix("_chart").replace("_", "-")


def _role_of(walk: Walk, path: Path) -> Path:
    """The folder of the role with this path: the one with tasks."""
    return next((p for p in path.parents if (p / "tasks").is_dir()), walk.root / "roles")


def _namespace_of(walk: Walk, path: Path) -> str:
    """The namespace given by the task applying this file or one of its folders."""
    role = _role_of(walk, path)
    given = {k: v for p in sorted(role.rglob("tasks/*.y*ml")) for k, v in find_namespaces(p.read_text()).items()}
    names = [path.name.removesuffix(".j2"), *(p.name for p in path.parents)]
    named = next((given[name] for name in names if name in given), "")
    where = walk.path_of(path)
    return named or next((namespace for prefix, namespace in NAMESPACES.items() if where.startswith(prefix)), "")
