"""Where playbooks and examples lie: inside the wheel, or beside the package in the repository."""

from pathlib import Path

from ks_reset.errors import ResetError


def folder(kind: str) -> Path:
    """The folder of "examples" or "playbooks". Raises ResetError if the installation has none."""
    package = Path(__file__).parent
    for candidate in (package / "_share" / kind, package.parent / kind):
        if candidate.is_dir():
            return candidate
    raise ResetError(f"This installation of ks-reset has no folder '{kind}'. Install it again from a wheel or a clone.")
