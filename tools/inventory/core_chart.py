"""Walk a checkout of kubesphere 4.x: the chart config/ks-core with ks-crds, each way to configure it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.inventory.charts import render_chart
from tools.inventory.found import Found
from tools.inventory.settings import OTHERS, changed_values, everything_on
from tools.inventory.tasks import Release

CHART = "config/ks-core"
KUBE = "1.28.0"
RELEASE = Release("ks-core", "kubesphere-system", "", ())
MEMBER = {"multicluster": {"role": "member"}, "role": "member"}
FIXED = ("apiserver", "console", "controller", "global", "redis", "redisHA")
"""Values whose changed form the chart refuses or writes into names."""


def walk_core_chart(root: Path, helm: Path) -> Iterator[Found]:
    """Every object of the chart, once for each way to configure it."""
    defaults = yaml.safe_load((root / CHART / "values.yaml").read_text())
    for name, values in _settings_of(defaults):
        yield from render_with(helm, root / CHART, RELEASE, values, Found({}, CHART, "core", name, "", ""))


def render_with(helm: Path, chart: Path, release: Release, values: dict[str, Any], like: Found) -> Iterator[Found]:
    """The objects of a chart with these values, with source, component and settings of `like`."""
    title = f"{release.namespace}/{release.name}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.yaml"
        path.write_text(yaml.safe_dump(values))
        for body in render_chart(helm, chart, release, [path], KUBE):
            yield Found(body, like.source, like.component, like.settings, title, release.namespace)


def _settings_of(defaults: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    on = everything_on(defaults)
    others = {k: v for k, v in changed_values(defaults).items() if k not in FIXED}
    yield "default", {}
    yield "member", MEMBER
    yield "on", on
    yield "ingress", {"ingress": {"enabled": True}, "internalTLS": True}
    yield "high availability", {"ha": {"enabled": True}, "redisHA": {"enabled": True}, "redis": {"enabled": False}}
    yield "upgrade", {"upgrade": {"enabled": True}}
    yield OTHERS, {}  # a second time: what is random differs
    yield OTHERS, others
