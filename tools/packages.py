"""Write the packages of a release to dist/: sdist, wheel, a file that runs by itself, its archive, and krew's manifest.

    python -m tools.packages --homepage URL

The file needs Python 3.11 or newer; pex unpacks it into the user's cache at its first start. It holds compiled
packages, so it is for the platform it was made on.
"""

import argparse
import hashlib
import platform
import subprocess
import sys
import tarfile
from pathlib import Path

from ks_reset import __version__

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--homepage", required=True, help="where releases are published, for the manifest of krew")
    homepage = parser.parse_args().homepage
    _run("-m", "hatchling", "build", "-d", str(DIST))
    wheel = DIST / f"ks_reset-{__version__}-py3-none-any.whl"
    program, requirements = DIST / "ks-reset", DIST / "requirements.txt"
    requirements.write_text(requirements_with(wheel))
    _run("-m", "pex", "-r", str(requirements), "-c", "ks-reset", "-o", str(program))
    requirements.unlink()
    archive = DIST / f"ks-reset-{__version__}-linux-{machine()}.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(program, "ks-reset")
        tar.add(ROOT / "LICENSE", "LICENSE")
    (DIST / "krew.yaml").write_text(krew_manifest(archive, homepage))


def requirements_with(wheel: Path) -> str:
    """The pinned packages and the wheel, each with its hash: pip takes no file without one beside them."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{(ROOT / 'requirements.lock').read_text()}{wheel} --hash=sha256:{digest}\n"


def machine() -> str:
    """The architecture of this machine in Go's words."""
    return MACHINES.get(platform.machine(), platform.machine())


def krew_manifest(archive: Path, homepage: str) -> str:
    """krew's manifest for an archive of this version."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    text = (ROOT / "packaging" / "krew.yaml.in").read_text()
    for word, value in (
        ("@VERSION@", __version__),
        ("@ARCH@", machine()),
        ("@SHA256@", digest),
        ("@HOMEPAGE@", homepage),
    ):
        text = text.replace(word, value)
    return text.partition("\n")[2]


def _run(*words: str) -> None:
    subprocess.run([sys.executable, *words], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
