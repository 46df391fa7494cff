"""The built command line, run as its users run it, against a rehearsal's world."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

from ks_reset.credentials import digests
from ks_reset.local import private_folder
from ks_reset.rehearsal.fleet import RehearsalFleet
from tests import DIGEST_KEY


class Command:
    """Runs ks-reset as a process of its own, with a state directory of the test's own."""

    def __init__(self, world: RehearsalFleet, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.environment = _environment(world.kubeconfig, folder) | {"KS_RESET_MEMBER": "test=test"}

    @classmethod
    def on(cls, kubeconfig: Path, folder: Path) -> "Command":
        """Against a single plane without a world; its context is host."""
        made = cls.__new__(cls)
        made.folder, made.environment = folder, _environment(kubeconfig, folder)
        return made

    def __call__(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run to the end; stdout and stderr are captured."""
        line = [sys.executable, "-m", "ks_reset", *arguments]
        return subprocess.run(
            line, env=self.environment | environment, capture_output=True, text=True, check=False, timeout=600
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start in the background; stdout is discarded, `said` returns stderr."""
        line = [sys.executable, "-m", "ks_reset", *arguments]
        with (self.folder / "stderr").open("w") as file:
            return subprocess.Popen(line, env=self.environment, stdout=subprocess.DEVNULL, stderr=file, text=True)

    def said(self) -> str:
        """The stderr of the last started command."""
        return (self.folder / "stderr").read_text()

    def journal(self) -> list[str]:
        """The lines of the only journal so far, none before there is one."""
        found = list((self.folder / "state" / "runs").glob("*/journal.jsonl"))
        return found[0].read_text().splitlines() if found else []

    def kept(self) -> bytes:
        """The contents of all files in the state directory, unpacked."""
        files = [file for file in (self.folder / "state").rglob("*") if file.is_file()]
        return b"".join(gzip.decompress(f.read_bytes()) if f.suffix == ".gz" else f.read_bytes() for f in files)


def _environment(kubeconfig: Path, folder: Path) -> dict[str, str]:
    """The environment of a state directory whose digests this process makes too."""
    state = folder / "state"
    private_folder(state)
    (state / digests.FILE).write_bytes(DIGEST_KEY)
    return {k: v for k, v in os.environ.items() if not k.startswith("KS_RESET_")} | {
        "KUBECONFIG": str(kubeconfig),
        "KS_RESET_CONTEXT": "host",
        "KS_RESET_STATE": str(state),
        "COLUMNS": "160",
    }
