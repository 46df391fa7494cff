"""The files of a kubeconfig, as kubectl searches for them."""

import os
from pathlib import Path

from ks_reset.cluster.answers import printable_text
from ks_reset.errors import FILE, Correction, Usage
from ks_reset.limits import KUBECONFIG_BYTES, load_yaml_documents, read_file


def existing_paths(kubeconfig: str) -> str:
    """The existing files of a path, or of kubectl's search list (KUBECONFIG, then ~/.kube/config). Raises Usage."""
    searched = searched_paths(kubeconfig)
    paths = present_paths(searched)
    if not paths:
        what = f"There is no kubeconfig at {searched}. Name one with --kubeconfig or KUBECONFIG."
        raise Usage(what, *of_another_file(kubeconfig))
    empty = [p for p in paths if not _checked_content(Path(p).expanduser()).strip()]
    if len(empty) == len(paths):
        what = f"The kubeconfig {empty[0]} is empty. Name another with --kubeconfig or KUBECONFIG."
        raise Usage(what, *of_another_file(kubeconfig))
    return os.pathsep.join(str(Path(p).expanduser()) for p in paths)


def of_another_file(kubeconfig: str) -> tuple[Correction, ...]:
    """The correction of a call that names this kubeconfig: another one."""
    return (Correction(f"--kubeconfig {kubeconfig}" if kubeconfig else "", f"--kubeconfig {FILE}"),)


def searched_paths(kubeconfig: str) -> str:
    """The files to look for, as kubectl: those given, of KUBECONFIG, or of the home folder."""
    return kubeconfig or os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")


def present_paths(searched: str) -> list[str]:
    """Those of a search list that are there."""
    return [p for p in searched.split(os.pathsep) if p and Path(p).expanduser().is_file()]


def _checked_content(path: Path) -> bytes:
    """The content of a kubeconfig. Raises Usage if it cannot be read, is too large, or is not YAML."""
    try:
        content = read_file(path, KUBECONFIG_BYTES, "The kubeconfig")
        load_yaml_documents(content, f"The kubeconfig {path}")
    except OSError as error:
        raise Usage(
            f"The kubeconfig {path} cannot be read: {error.strerror or error}.", *of_another_file(str(path))
        ) from error
    except ValueError as error:
        raise Usage(
            f"{path} is not a kubeconfig, since it is not YAML: {printable_text(str(error))}. Name another with "
            "--kubeconfig or KUBECONFIG.",
            *of_another_file(str(path)),
        ) from error
    return content
