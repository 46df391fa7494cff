"""Find the programs of control planes: on the machine, in the cache, in the official release, or by a build with Go.

The first source with the right version is used; if there is none, the error names each source with its problem.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from ks_reset.errors import ResetError
from ks_reset.rehearsal.programs import download as releases
from ks_reset.rehearsal.programs import gobuild
from ks_reset.rehearsal.programs.cachedir import cached_folder, machine_name

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager")
VERSIONS = ("1.24.17", "1.34.4")
KUBEFED = "0.8.1"
HELM = "3.19.5"
"""The newest helm 3 that builds with Go 1.24."""
CRDS = ("charts/kubefed/crds/crds.yaml", "charts/kubefed/charts/controllermanager/crds/crds.yaml")
STAMPS = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
"""The packages with Kubernetes' version, for --version and for /version."""
Say = Callable[[str], None]


def control_plane(version: str, say: Say) -> Path:
    """A folder with etcd, kube-apiserver and kube-controller-manager of this Kubernetes version, such as 1.24.17.

    Raises ResetError if no source has them; the message lists the sources and the programs to install.
    """
    if version not in VERSIONS:
        raise ResetError(f"Kubernetes {version} is not among those a rehearsal can have: {', '.join(VERSIONS)}.")
    passed = []
    for name, folder in _installed_programs():
        reason = _reason_unfit(folder, version)
        if not reason:
            return folder
        passed.append(f"{name}: {reason}")
        say(f"Kubernetes {version}, passed over {passed[-1]}")
    name = f"control-plane-{version}-{machine_name()}"
    return cached_folder(name, lambda part: _make_control_plane(version, part, passed, say), say)


def kubefed_programs(say: Say) -> Path:
    """A folder with kubefed's controller-manager, kubefedctl and `crds/`, built with Go: no release has all of them.

    Raises ResetError if it cannot be built.
    """
    name = f"kubefed-{KUBEFED}-{machine_name()}"
    return cached_folder(name, lambda part: _build_or_explain(f"kubefed {KUBEFED}", _build_kubefed, part, say), say)


def helm_program(say: Say) -> Path:
    """The program helm, built with Go: PATH may have any version. Raises ResetError if the build fails."""
    name = f"helm-{HELM}-{machine_name()}"
    return cached_folder(name, lambda part: _build_or_explain(f"helm {HELM}", _build_helm, part, say), say) / "helm"


def _installed_programs() -> Iterator[tuple[str, Path]]:
    if os.environ.get("KUBEBUILDER_ASSETS"):
        yield "KUBEBUILDER_ASSETS", Path(os.environ["KUBEBUILDER_ASSETS"])
    path = shutil.which("kube-apiserver")
    if path:
        yield "PATH", Path(path).parent


def _reason_unfit(folder: Path, version: str) -> str:
    missing = [p for p in PROGRAMS if not os.access(folder / p, os.X_OK)]
    if missing:
        return f"{folder} lacks {', '.join(missing)}"
    try:
        command = [str(folder / "kube-apiserver"), "--version"]
        output = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError) as error:
        return f"{folder}/kube-apiserver does not run: {error}"
    return (
        "" if output == f"Kubernetes v{version}" else f"{folder} has {output or 'an unknown version'}, not v{version}"
    )


def _make_control_plane(version: str, part: Path, passed: list[str], say: Say) -> None:
    tried = list(passed)
    for name, source in (("download", _download_release), ("build", _build_control_plane)):
        try:
            source(version, part, say)
            if reason := _reason_unfit(part, version):
                raise ResetError(f"its result is unusable: {reason}")
            return
        except ResetError as error:
            tried.append(f"{name}: {str(error).rstrip('.')}")
            say(f"Kubernetes {version}, {tried[-1]}")
            _empty_folder(part)
    raise ResetError(
        f"Kubernetes {version} is not available here. Tried: {'; '.join(tried)}. Install Go 1.24 or newer, or set "
        f"KUBEBUILDER_ASSETS to a folder with {', '.join(PROGRAMS)} of v{version}."
    )


def _empty_folder(part: Path) -> None:
    """Remove everything in a folder: an incomplete result must not mix with the next source's."""
    shutil.rmtree(part)
    part.mkdir()


def _download_release(version: str, part: Path, say: Say) -> None:
    archives = releases.release_table().get(version, {}).get(machine_name())
    if not archives:
        raise ResetError(f"no pinned checksum of a release for {machine_name()}")
    releases.download_archives(archives, part, say)


def _build_control_plane(version: str, part: Path, say: Say) -> None:
    major, minor, _ = version.split(".")
    values = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}
    flags = "-s -w " + " ".join(f"-X {place}.{key}={value}" for place in STAMPS for key, value in values.items())
    if minor == "24":
        flags += " -checklinkname=0"
    go = gobuild.go_toolchain(say)
    with gobuild.copied_module(f"control-plane-{major}.{minor}") as source:
        gobuild.build_package(
            go, source, ".", part / PROGRAMS[0], flags, lambda line: say(f"Kubernetes {version}, {line}")
        )
    for program in PROGRAMS[1:]:
        os.link(part / PROGRAMS[0], part / program)


def _build_or_explain(what: str, build: Callable[[Path, Say], None], part: Path, say: Say) -> None:
    try:
        build(part, say)
    except ResetError as error:
        why = str(error).rstrip(".")
        raise ResetError(f"{what} could not be built: {why}. Install Go 1.24 or newer.") from error


def _build_kubefed(part: Path, say: Say) -> None:
    go = gobuild.go_toolchain(say)
    with gobuild.copied_module(f"kubefed-{KUBEFED}") as source:
        package = "sigs.k8s.io/kubefed/cmd/hyperfed"
        gobuild.build_package(
            go,
            source,
            package,
            part / "controller-manager",
            "-s -w -checklinkname=0",
            lambda line: say(f"kubefed, {line}"),
        )
        charts = gobuild.folder_of(go, source, "sigs.k8s.io/kubefed")
    os.link(part / "controller-manager", part / "kubefedctl")
    (part / "crds").mkdir()
    for index, crds in enumerate(CRDS):
        shutil.copyfile(charts / crds, part / "crds" / f"{index}.yaml")


def _build_helm(part: Path, say: Say) -> None:
    go = gobuild.go_toolchain(say)
    flags = f"-s -w -X helm.sh/helm/v3/internal/version.version=v{HELM}"
    with gobuild.copied_module(f"helm-{HELM}") as source:
        package = "helm.sh/helm/v3/cmd/helm"
        gobuild.build_package(go, source, package, part / "helm", flags, lambda line: say(f"helm, {line}"))
