"""helm, used to render and install the chart ks-core.

Values hold credentials. helm reads them from stdin, so they are in no file and no command line. Its stdout has them
too (the release, and KubeSphere's notes with admin's password) and is discarded. Its stderr may quote them, so the
text of the values is removed before it is passed on. helm's environment is ours without HELM_*: those variables may
name another cluster, another account, or a storage for releases other than Secrets.

helm waits for the chart's hooks alone, not for Deployments (no --wait): await-kubesphere waits for them, and names
each of them.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import Protocol

import msgspec
from msgspec import structs

from ks_reset.errors import FILE, Correction, Refused, Stopped, Usage
from ks_reset.external import child_process, helm_output
from ks_reset.external.source import CHART
from ks_reset.limits import load_yaml_documents
from ks_reset.model import Body

OLDEST = (3, 7)
"""From here on helm records a release ended by TERM as failed (helm v3.7.0, pkg/action/install.go, RunWithContext)."""
NAMESPACE = "kubesphere-system"
RENDERED = 120.0
"""Timeout of rendering, in seconds."""
MORE = 30.0
"""Seconds added to helm's own --timeout, since helm applies that to each hook."""
VERSION = re.compile(r"v(\d+)\.(\d+)\.")


class Way(Protocol):
    """How to reach a cluster: kubeconfig as in KUBECONFIG, and impersonation; see ks_reset.cluster.Target."""

    @property
    def kubeconfig(self) -> str: ...
    @property
    def context(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def groups(self) -> tuple[str, ...]: ...


def find_helm() -> str:
    """The path of helm: KS_RESET_HELM, else the one on PATH.

    Raises Usage if there is none, Refused if it is older than OLDEST or is another program.
    """
    named = os.environ.get("KS_RESET_HELM", "")
    path = shutil.which(named or "helm")
    oldest = ".".join(map(str, OLDEST))
    if not path:
        where = f"KS_RESET_HELM says {named}, which is no program" if named else "There is no helm on PATH"
        raise Usage(
            f"{where}. KubeSphere 4 is installed by helm: install helm {oldest} or newer, or set KS_RESET_HELM to it.",
            Correction("", f"KS_RESET_HELM={FILE}"),
        )
    version = _helm_version(path)
    if not version or version < OLDEST:
        problem = f"is {'.'.join(map(str, version))}" if version else "does not say which version it is"
        raise Refused(
            f"{path} {problem}. Nothing was sent. Install helm {oldest} or newer, or set KS_RESET_HELM to it, then run "
            "the same command again."
        )
    return path


def render_chart(chart: bytes, values: Body, kubernetes_version: str) -> list[Body]:
    """The objects of the release, rendered for this Kubernetes version.

    Without hooks and without the types in crds/: helm checks ownership of neither. helm asks no cluster here, so
    results of the chart's `lookup` are missing. Raises Refused with helm's reason if rendering fails.
    """
    options = ["--no-hooks", "--namespace", NAMESPACE, f"--kube-version={kubernetes_version}"]
    with _chart_file(chart) as file:
        argv = [find_helm(), "template", CHART, file, *options, "--values=-", "--debug"]
        done = _run_helm(argv, values, _helm_environment(), RENDERED, lambda _: None, out=True)
    if done.code != 0:
        why = _failure_reason(done, RENDERED)
        raise Refused(
            f"helm cannot render {CHART} with these values: {why}. Nothing was sent. Correct the values file, then run "
            "the same command again."
        )
    return [body for body in load_yaml_documents(done.out, "The manifest of the chart") if isinstance(body, dict)]


def install_chart(chart: bytes, values: Body, way: Way, timeout: float, say: Callable[[str], None]) -> None:
    """Install the chart, or upgrade its release.

    Every second `say` gets helm's latest activity; an exception raised by `say` ends helm and is raised. helm applies
    the types in crds/ before it checks anything else (helm v3.19.5, pkg/action/install.go, RunWithContext).
    Raises Stopped with helm's reason if it fails or exceeds its time; Refused if the cluster has no kubeconfig.
    """
    options = ["--install", "--namespace", NAMESPACE, "--create-namespace", f"--timeout={timeout:.0f}s"]
    options += _target_flags(way)
    environment = _helm_environment() | {"KUBECONFIG": way.kubeconfig}
    with _chart_file(chart) as file:
        argv = [find_helm(), "upgrade", CHART, file, *options, "--values=-", "--debug"]
        done = _run_helm(argv, values, environment, timeout + MORE, say, out=False)
    if done.code != 0:
        why = _failure_reason(done, timeout + MORE)
        raise Stopped(
            f"helm could not install {CHART}: {why}. What it has installed so far stays. Correct the cause, and "
            "run the same command again."
        )


def _run_helm(
    argv: list[str], values: Body, environment: dict[str, str], timeout: float, say: Callable[[str], None], *, out: bool
) -> child_process.Ended:
    def report_activity(said: str) -> None:
        say(f"helm: {helm_output.latest_activity(helm_output.hide_values(said, values)) or 'it has begun'}")

    done = child_process.run(argv, msgspec.json.encode(values), environment, timeout, report_activity, out=out)
    return structs.replace(done, said=helm_output.hide_values(done.said, values))


def _failure_reason(done: child_process.Ended, timeout: float) -> str:
    if done.code is None:
        return f"it was not done after {timeout:.0f} s, and was ended at: {helm_output.latest_activity(done.said)}"
    return helm_output.failure_reason(done.said) if done.code > 0 else f"it was ended by signal {-done.code}"


def _target_flags(way: Way) -> list[str]:
    if not way.kubeconfig:
        bare = Refused(
            "helm needs a kubeconfig, and this cluster was reached without one. Name a context with --context."
        )
        bare.corrections = (Correction("--context", "--context CONTEXT"),)
        raise bare
    user = [f"--kube-as-user={way.user}"] if way.user else []
    return [f"--kube-context={way.context}", *user, *(f"--kube-as-group={group}" for group in way.groups)]


@contextmanager
def _chart_file(chart: bytes) -> Iterator[str]:
    """The path of a temporary file with the chart, mode 0600, inside the block."""
    with NamedTemporaryFile(prefix="ks-reset-", suffix=".tgz") as file:
        file.write(chart)
        file.flush()
        yield file.name


def _helm_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("HELM_")}


def _helm_version(path: str) -> tuple[int, ...]:
    """Major and minor version; () if the program does not report one."""
    argv = [path, "version", "--template", "{{.Version}}"]
    try:
        ended = subprocess.run(argv, env=_helm_environment(), capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return ()
    match = VERSION.match(ended.stdout)
    return tuple(map(int, match.groups())) if match else ()
