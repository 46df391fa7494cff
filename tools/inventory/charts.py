"""Render a chart with helm, for each version of Kubernetes where its templates differ."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ks_reset.model import Body
from tools.inventory.found import read_documents
from tools.inventory.tasks import Release

API_VERSIONS = ("monitoring.coreos.com/v1", "policy/v1beta1", "monitoring.kiali.io/v1alpha1")
SECONDS = 60
NESTED = r"\((?:[^()]|\([^()]*\))*\)"
REPAIRS = (
    (re.compile(r"\{ \{ (.*?) \} \}"), r"{{ \1 }}"),
    (re.compile(rf"(if|if and) \(({NESTED})(?: {NESTED})+\)"), r"\1 (\2)"),
    (re.compile(rf"(if) ({NESTED})\s+[^|}}]+?\s*(-?\}}\}})"), r"\1 \2 \3"),
)
"""Faults in templates of 3.0 to 3.2: split braces (gatekeeper 3.2.1), and words after a condition in parentheses, which
the templates of Go before 1.18 ignored (openldap-ha and minio-ha 3.0.0)."""


def render_chart(helm: Path, chart: Path, release: Release, values: Sequence[Path], kube: str) -> list[Body]:
    """The objects of a chart with its CRDs, without tests; of a repaired copy if helm refuses it."""
    text = _run_helm(helm, chart, release, values, kube)
    if not text and chart.is_dir():
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(shutil.copytree(chart, Path(folder) / chart.name))
            _repair_templates(copy)
            text = _run_helm(helm, copy, release, values, kube)
    return [body for body in read_documents(text) if not _is_test(body)]


def _run_helm(helm: Path, chart: Path, release: Release, values: Sequence[Path], kube: str) -> str:
    command = [str(helm), "template", release.name, str(chart), "-n", release.namespace, "--include-crds"]
    command += ["--kube-version", kube]
    command += [word for version in API_VERSIONS for word in ("--api-versions", version)]
    command += [word for path in values for word in ("-f", str(path))]
    command += [word for pair in release.sets for word in ("--set", pair)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    return "" if answer.returncode else answer.stdout


def _repair_templates(chart: Path) -> None:
    for path in chart.rglob("templates/**/*.y*ml"):
        text = path.read_text()
        for pattern, repaired in REPAIRS:
            text = pattern.sub(repaired, text)
        path.write_text(text)


def _is_test(body: Body) -> bool:
    return "test" in str((body["metadata"].get("annotations") or {}).get("helm.sh/hook", ""))
