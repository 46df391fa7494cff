"""The ways to take KubeSphere off: ks-reset's commands, or a script of the operator's."""

import os
import subprocess
import sys
import time
from pathlib import Path

from ks_reset.rehearsal.plane.plane import Plane
from ks_reset.rehearsal.plane.process import Process

TAIL = 4000
ANSWER_YES = 'yes yes | bash "$0"'
POLL = 0.5


def uninstall(plane: Plane, folder: Path, flags: list[str]) -> bool:
    """Run doctor, plan, apply, verify, and a second plan; False if one ends with another exit code than expected."""
    plan = str(folder / "plan.json")
    lines = (
        (["doctor"], (0, 3, 5)),
        (["plan", "uninstall", "--out", plan, "--detailed-exitcode", *flags], (3,)),
        (["apply", plan, "--yes"], (0,)),
        (["verify"], (0,)),
        (["plan", "uninstall", "--out", str(folder / "again.json"), "--detailed-exitcode", *flags], (0,)),
    )
    return all(_is_expected(plane, folder, line, codes) for line, codes in lines)


def run_script(plane: Plane, folder: Path, script: Path, minutes: float) -> bool:
    """Run a script with bash and answer each question with yes; it is ended after `minutes`.

    It has the cluster as KUBECONFIG; what it prints is in the file script.log. False if it was ended.
    """
    log, begun = folder / "script.log", time.monotonic()
    process = Process(script.name, ["bash", "-c", ANSWER_YES, str(script)], log, {"KUBECONFIG": str(plane.kubeconfig)})
    while process.running and time.monotonic() < begun + 60 * minutes:
        time.sleep(POLL)
    ended = process.code
    process.stop()
    said = f"ended after {minutes:g} min" if ended is None else f"exit code {ended}"
    print(f"$ {script.name}: {said}, {time.monotonic() - begun:.0f} s", flush=True)
    return ended is not None


def _is_expected(plane: Plane, folder: Path, line: list[str], codes: tuple[int, ...]) -> bool:
    begun = time.monotonic()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KS_RESET_")} | {
        "KUBECONFIG": str(plane.kubeconfig), "KS_RESET_STATE": str(folder / "state"), "COLUMNS": "160",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "ks_reset", *line], env=environment, capture_output=True, text=True, check=False
    )
    print(f"$ ks-reset {' '.join(line)}: {done.returncode}, {time.monotonic() - begun:.0f} s", flush=True)
    if done.returncode not in codes:
        print(done.stdout[-TAIL:], done.stderr[-TAIL:], sep="\n", flush=True)
    return done.returncode in codes
