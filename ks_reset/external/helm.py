"""helm, which puts the chart ks-core on: found on this machine, asked what comes of a chart, had to install it.

Values hold credentials. helm reads them from its stdin, so they are in no file and in no command line; what it writes
on stdout has them too (the release, and KubeSphere's notes with admin's password), and is thrown away; on stderr it may
quote them, so what is passed on of that is without any text of the values. Its environment is ours without HELM_*,
which may name another cluster, another account, or another place for its records than Secrets.

helm waits for the chart's hooks alone, not for Deployments (no --wait): await-kubesphere does, and says for what.
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
import yaml
from msgspec import structs

from ks_reset.errors import Refused, Stopped, Usage
from ks_reset.external import child_process, helm_output
from ks_reset.external.source import CHART
from ks_reset.model import Body

OLDEST = (3, 7)
"""Where helm writes down that it was ended by TERM (helm v3.7.0, pkg/action/install.go, RunWithContext)."""
NAMESPACE = "kubesphere-system"
RENDERED = 120.0
"""Seconds that rendering may take."""
MORE = 30.0
"""Seconds that helm gets beyond its own --timeout, which is for each hook."""
VERSION = re.compile(r"v(\d+)\.(\d+)\.")


class Way(Protocol):
    """How a cluster is reached: kubeconfig as in KUBECONFIG, and whom to act as; see ks_reset.cluster.Target."""

    @property
    def kubeconfig(self) -> str: ...
    @property
    def context(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def groups(self) -> tuple[str, ...]: ...


def program() -> str:
    """The path of helm: KS_RESET_HELM, else the one on PATH.

    Raises Usage if there is none, Refused if it is too old, or no helm.
    """
    named = os.environ.get("KS_RESET_HELM", "")
    found = shutil.which(named or "helm")
    oldest = ".".join(map(str, OLDEST))
    if not found:
        where = f"KS_RESET_HELM says {named}, which is no program" if named else "There is no helm on PATH"
        raise Usage(
            f"{where}. KubeSphere 4 is put on by helm: install helm {oldest} or newer, or set KS_RESET_HELM to it."
        )
    version = _version(found)
    if not version or version < OLDEST:
        told = f"is {'.'.join(map(str, version))}" if version else "does not say which version it is"
        raise Refused(f"{found} {told}. Install helm {oldest} or newer, or set KS_RESET_HELM to it. Nothing was sent.")
    return found


def render(chart: bytes, values: Body, kubernetes_version: str) -> list[Body]:
    """The objects that belong to the release, as the chart makes them for this Kubernetes.

    Without hooks, and without the types in crds/: helm asks of neither whether it owns it. Nothing is asked of a
    cluster, so what the chart looks up there is missing. Raises Refused with helm's words if nothing comes of it.
    """
    options = ["--no-hooks", "--namespace", NAMESPACE, f"--kube-version={kubernetes_version}"]
    with _file(chart) as file:
        argv = [program(), "template", CHART, file, *options, "--values=-", "--debug"]
        done = _run(argv, values, _environment(), RENDERED, lambda _: None, out=True)
    if done.code != 0:
        why = _why(done, RENDERED)
        raise Refused(f"helm cannot make the objects of {CHART} with these values: {why}. Nothing was sent.")
    return [body for body in yaml.safe_load_all(done.out) if isinstance(body, dict)]


def install(chart: bytes, values: Body, way: Way, timeout: float, say: Callable[[str], None]) -> None:
    """Install the chart, or upgrade what is there of it.

    Every second `say` gets the newest thing that helm does; whatever it raises ends helm and is raised. The types in
    crds/ are on before helm looks at anything else (helm v3.19.5, pkg/action/install.go, RunWithContext).
    Raises Stopped with helm's words if it fails, or is not done in time; Refused if it cannot be told where to go.
    """
    options = ["--install", "--namespace", NAMESPACE, "--create-namespace", f"--timeout={timeout:.0f}s", *_reached(way)]
    environment = _environment() | {"KUBECONFIG": way.kubeconfig}
    with _file(chart) as file:
        argv = [program(), "upgrade", CHART, file, *options, "--values=-", "--debug"]
        done = _run(argv, values, environment, timeout + MORE, say, out=False)
    if done.code != 0:
        why = _why(done, timeout + MORE)
        raise Stopped(
            f"helm could not put {CHART} on: {why}. What it has put on stays. Mend what it says, and run the same "
            "command again."
        )


def _run(
    argv: list[str], values: Body, environment: dict[str, str], timeout: float, say: Callable[[str], None], *, out: bool
) -> child_process.Ended:
    def tell(said: str) -> None:
        say(f"helm: {helm_output.newest(helm_output.veiled(said, values)) or 'it has begun'}")

    done = child_process.run(argv, msgspec.json.encode(values), environment, timeout, tell, out=out)
    return structs.replace(done, said=helm_output.veiled(done.said, values))


def _why(done: child_process.Ended, timeout: float) -> str:
    if done.code is None:
        return f"it was not done after {timeout:.0f} s, and was ended while it said: {helm_output.newest(done.said)}"
    return helm_output.why(done.said) if done.code > 0 else f"it was ended by signal {-done.code}"


def _reached(way: Way) -> list[str]:
    if not way.kubeconfig:
        raise Refused(
            "helm goes where a kubeconfig leads, and this cluster was reached by none. Name one with --context."
        )
    user = [f"--kube-as-user={way.user}"] if way.user else []
    return [f"--kube-context={way.context}", *user, *(f"--kube-as-group={group}" for group in way.groups)]


@contextmanager
def _file(chart: bytes) -> Iterator[str]:
    """The chart as a file that its owner alone can read, for as long as the block lasts."""
    with NamedTemporaryFile(prefix="ks-reset-", suffix=".tgz") as file:
        file.write(chart)
        file.flush()
        yield file.name


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("HELM_")}


def _version(found: str) -> tuple[int, ...]:
    """() if it does not say."""
    argv = [found, "version", "--template", "{{.Version}}"]
    try:
        said = subprocess.run(argv, env=_environment(), capture_output=True, text=True, check=False, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    match = VERSION.match(said)
    return tuple(map(int, match.groups())) if match else ()
